import { addIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import type { Overview } from '../api/answers';
import { chartIcon, consoleIcon } from '../icons';
import { CommandIDs } from '../commands';
import { IconButton } from '../iconButton';
import type { History } from '../server/history';
import { useTrans } from '../text/translation';
import { ModelCard } from './modelCard';
import { ModelFilter } from './modelFilter';

interface Properties {
  readonly overview: Overview | null;
  readonly history: History;
  readonly commands: CommandRegistry;
}

/** The models of the server. */
export function ModelList({ overview, history, commands }: Properties): ReactElement {
  const trans = useTrans();
  const models = overview?.models ?? [];
  const run = (command: string) => () => void commands.execute(command);
  return (
    <section className="jp-Tfs-models" aria-label={trans.__('Models')}>
      <div className="jp-Tfs-bar">
        <h2>{trans.__('Models')}</h2>
        <span className="jp-Tfs-spacer" />
        <IconButton
          icon={addIcon}
          label={trans.__('Load a model …')}
          isDisabled={!overview}
          onClick={run(CommandIDs.load)}
        />
        <IconButton
          icon={consoleIcon}
          label={trans.__('Test Console')}
          onClick={run(CommandIDs.openConsole)}
        />
        <IconButton
          icon={chartIcon}
          label={trans.__('Charts')}
          onClick={run(CommandIDs.openCharts)}
        />
      </div>
      {overview && models.length === 0 && (
        <p className="jp-Tfs-hint">
          {trans.__(
            'No model is served yet. Load one with the button above, or with a right click on its directory in the file browser.'
          )}
        </p>
      )}
      <ModelFilter models={models}>
        {found => (
          <ul className="jp-Tfs-cards">
            {found.map(model => (
              <ModelCard
                key={model.name}
                model={model}
                samples={history.samples(model.name)}
                recent={history.recent(model.name)}
                commands={commands}
              />
            ))}
          </ul>
        )}
      </ModelFilter>
    </section>
  );
}
