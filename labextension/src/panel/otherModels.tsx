import type { CommandRegistry } from '@lumino/commands';
import { FormEvent, ReactElement, RefObject, useId, useRef, useState } from 'react';

import { consoleIcon } from '../icons';
import { CommandIDs } from '../commands';
import { IconButton } from '../iconButton';
import type { OtherServer } from '../server/servers';
import type { WatchedModels } from '../server/watchedModels';
import { useTrans } from '../text/translation';
import { useSeen } from '../changing';
import { ModelFilter } from './modelFilter';
import { OtherCard } from './otherCard';

interface Properties {
  readonly server: OtherServer;
  readonly watched: WatchedModels;
  readonly commands: CommandRegistry;
}

/** The models of another server; where it does not list them, those that are named. */
export function OtherModels({ server, watched, commands }: Properties): ReactElement {
  const trans = useTrans();
  const { kind, models } = useSeen(server.watch);
  const { history } = server.watch;
  const isNamed = kind === 'serving';
  const field = useRef<HTMLInputElement>(null);
  const remove = (name: string) => () => {
    watched.remove(server.name, name);
    // The button is gone: the keyboard goes on where the next name is typed.
    field.current?.focus();
  };
  return (
    <section className="jp-Tfs-models" aria-label={trans.__('Models')}>
      <div className="jp-Tfs-bar">
        <h2>{trans.__('Models')}</h2>
        <span className="jp-Tfs-spacer" />
        <IconButton
          icon={consoleIcon}
          label={trans.__('Test Console')}
          onClick={() =>
            void commands.execute(CommandIDs.openConsole, { server: server.name })
          }
        />
      </div>
      {isNamed && (
        <NameForm field={field} onName={name => watched.add(server.name, name)} />
      )}
      {kind === 'ours' && models?.length === 0 && (
        <p className="jp-Tfs-hint">{trans.__('It serves no model at the moment.')}</p>
      )}
      <ModelFilter models={models ?? []}>
        {found => (
          <ul className="jp-Tfs-cards">
            {found.map(model => (
              <OtherCard
                key={model.name}
                server={server.name}
                model={model}
                numbers={
                  isNamed
                    ? null
                    : {
                        samples: history.samples(model.name),
                        recent: history.recent(model.name)
                      }
                }
                onRemove={isNamed ? remove(model.name) : null}
                commands={commands}
              />
            ))}
          </ul>
        )}
      </ModelFilter>
    </section>
  );
}

interface FormProperties {
  readonly field: RefObject<HTMLInputElement>;
  readonly onName: (name: string) => void;
}

function NameForm({ field, onName }: FormProperties): ReactElement {
  const trans = useTrans();
  const id = useId();
  const [name, setName] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onName(name.trim());
    setName('');
  };
  return (
    <form className="jp-Tfs-nameForm" onSubmit={submit}>
      <label htmlFor={id}>
        {trans.__('Name of a model to watch; it does not tell which it has')}
      </label>
      <div className="jp-Tfs-bar">
        <input
          ref={field}
          id={id}
          className="jp-mod-styled"
          value={name}
          spellCheck={false}
          onChange={event => setName(event.target.value)}
        />
        <button
          type="submit"
          className="jp-Dialog-button jp-mod-accept jp-mod-styled"
          disabled={!name.trim()}
        >
          {trans.__('Watch')}
        </button>
      </div>
    </form>
  );
}
