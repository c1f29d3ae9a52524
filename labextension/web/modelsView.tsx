import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';

import type { Overview } from '../src/api/answers';
import { useSeen } from '../src/changing';
import { CommandIDs } from '../src/commands';
import { ModelCard } from '../src/panel/modelCard';
import { ModelFilter } from '../src/panel/modelFilter';
import { servingVersions } from '../src/server/health';
import type { History } from '../src/server/history';
import { UNKNOWN, bytes, duration, shortNumber } from '../src/text/figures';
import { useTrans } from '../src/text/translation';
import { Drawing } from './drawing';
import { Page, usePage } from './page';

/** The server in figures, and its models with their versions. */
export function ModelsView(): ReactElement {
  const trans = useTrans();
  const { page, commands } = usePage();
  const { overview } = useSeen(page.watch);
  const { history } = page.watch;
  const models = overview?.models ?? [];
  const canLoad = commands.hasCommand(CommandIDs.load);
  return (
    <>
      <Figures page={page} overview={overview} />
      <section aria-label={trans.__('Models')}>
        <div className="tfs-titleRow">
          <h2>{trans.__('Models')}</h2>
          <span className="jp-Tfs-spacer" />
          {canLoad && (
            <button
              type="button"
              className="tfs-button jp-mod-accept"
              disabled={!overview}
              onClick={() => void commands.execute(CommandIDs.load)}
            >
              <Drawing name="add" />
              {trans.__('Load a model …')}
            </button>
          )}
        </div>
        {overview && models.length === 0 && (
          <p className="tfs-empty">
            {trans.__('No model is served yet; it appears here.')}
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
    </>
  );
}

interface FiguresProperties {
  readonly page: Page;
  readonly overview: Overview | null;
}

function Figures({ page, overview }: FiguresProperties): ReactElement {
  const trans = useTrans();
  return (
    <section aria-label={trans.__('Server')}>
      <dl className="tfs-figures">
        {figuresOf(page, overview, page.watch.history, trans).map(([name, value, more]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <b>{value}</b> <span className="jp-Tfs-soft">{more}</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

type Figure = readonly [name: string, value: string, more: string];

function figuresOf(
  { settings }: Page,
  overview: Overview | null,
  history: History,
  trans: TranslationBundle
): Figure[] {
  const models = overview?.models ?? [];
  const serving = models.filter(one => servingVersions(one).length > 0).length;
  const recent = models.map(one => history.recent(one.name));
  const isKnown = recent.some(one => one !== null);
  const sum = (number: (one: NonNullable<(typeof recent)[number]>) => number) =>
    recent.reduce((all, one) => all + (one ? number(one) : 0), 0);
  const failed = sum(one => one.errorsPerSecond);
  const grpc = settings.grpc_port;
  return [
    [
      trans.__('models that serve'),
      overview ? String(serving) : UNKNOWN,
      overview ? trans.__('of %1', String(models.length)) : ''
    ],
    [
      trans.__('requests a second'),
      isKnown ? shortNumber(sum(one => one.requestsPerSecond)) : UNKNOWN,
      failed > 0 ? trans.__('%1 failed/s', shortNumber(failed)) : ''
    ],
    [trans.__('running for'), overview ? duration(overview.uptime) : UNKNOWN, ''],
    [
      trans.__('memory'),
      bytes(overview?.process.resident_bytes ?? null),
      overview ? trans.__('process %1', String(overview.process.pid)) : ''
    ],
    [
      'REST',
      window.location.port || window.location.host,
      grpc === null ? '' : `gRPC ${grpc}`
    ],
    [trans.__('version'), settings.version, 'tfs_notebook']
  ];
}
