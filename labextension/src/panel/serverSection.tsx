import { listIcon, refreshIcon, runIcon, stopIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import type { HostStatus } from '../api/answers';
import { CommandIDs } from '../commands';
import { IconButton } from '../iconButton';
import type { Seen } from '../server/health';
import { bytes, duration } from '../text/figures';
import { Note } from '../text/note';
import { StateMark } from '../text/stateMark';
import { lookOfHealth, lookOfHost } from '../text/states';
import { useTrans } from '../text/translation';

interface Properties {
  readonly seen: Seen;
  readonly commands: CommandRegistry;
}

/** The model server's process: how it is, and what can be done with it. */
export function ServerSection({ seen, commands }: Properties): ReactElement {
  const trans = useTrans();
  const { status, problem, overview } = seen;
  const look = status
    ? lookOfHost(status.state, trans)
    : lookOfHealth(problem ? 'unreachable' : null, trans);
  const reason = status?.reason ?? problem?.message ?? '';
  const isDown = status?.state === 'stopped' || status?.state === 'quarantined';
  const run = (command: string) => () => void commands.execute(command);
  return (
    <section className="jp-Tfs-server" aria-label={trans.__('Server')}>
      <div className="jp-Tfs-bar">
        <h2>{trans.__('Server')}</h2>
        <span role="status">
          <StateMark look={look} />
        </span>
        <span className="jp-Tfs-spacer" />
        {isDown ? (
          <IconButton
            icon={runIcon}
            label={trans.__('Start the model server')}
            onClick={run(CommandIDs.start)}
          />
        ) : (
          <IconButton
            icon={stopIcon}
            label={trans.__('Stop the model server …')}
            isDisabled={!status}
            onClick={run(CommandIDs.stop)}
          />
        )}
        <IconButton
          icon={refreshIcon}
          label={trans.__('Restart the model server …')}
          isDisabled={!status}
          onClick={run(CommandIDs.restart)}
        />
        <IconButton
          icon={listIcon}
          label={trans.__('Log of the model server')}
          isDisabled={!status}
          onClick={run(CommandIDs.openLog)}
        />
      </div>
      {reason && <Note text={reason} tone={look.tone} role="alert" />}
      {status?.state === 'ready' && (
        <Facts status={status} uptime={overview?.uptime ?? null} />
      )}
    </section>
  );
}

interface FactsProperties {
  readonly status: HostStatus;
  readonly uptime: number | null;
}

function Facts({ status, uptime }: FactsProperties): ReactElement {
  const trans = useTrans();
  const facts: [string, string][] = [[trans.__('memory'), bytes(status.memory)]];
  if (uptime !== null) {
    facts.push([trans.__('running for'), duration(uptime)]);
  }
  facts.push([trans.__('process'), String(status.pid ?? '')]);
  if (status.restarts > 0) {
    facts.push([trans.__('restarts'), String(status.restarts)]);
  }
  return (
    <dl className="jp-Tfs-facts jp-mod-inline">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
