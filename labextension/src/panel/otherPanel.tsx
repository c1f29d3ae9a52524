import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import type { OtherSeen } from '../server/otherWatch';
import type { OtherServer, Servers } from '../server/servers';
import { Note } from '../text/note';
import { StateMark } from '../text/stateMark';
import { lookOfOther } from '../text/states';
import { useTrans } from '../text/translation';
import { useSeen } from '../changing';
import { OtherModels } from './otherModels';

interface Properties {
  readonly server: OtherServer;
  readonly servers: Servers;
  readonly commands: CommandRegistry;
}

/** Another server: how it is, and its models. Nothing of it can be changed from here. */
export function OtherPanel({ server, servers, commands }: Properties): ReactElement {
  const trans = useTrans();
  const seen = useSeen(server.watch);
  return (
    <>
      <section className="jp-Tfs-server" aria-label={trans.__('Server')}>
        <div className="jp-Tfs-bar">
          <h2>{trans.__('Server')}</h2>
          <span role="status">
            <StateMark look={lookOfOther(seen, trans)} />
          </span>
        </div>
        {seen.problem && <Note text={seen.problem} tone="bad" role="alert" />}
        <Facts address={servers.addressOf(server.name)} seen={seen} />
      </section>
      <OtherModels server={server} watched={servers.watched} commands={commands} />
    </>
  );
}

interface FactsProperties {
  readonly address: string;
  readonly seen: OtherSeen;
}

function Facts({ address, seen }: FactsProperties): ReactElement {
  const trans = useTrans();
  return (
    <>
      <dl className="jp-Tfs-facts">
        <div>
          <dt>{trans.__('address')}</dt>
          <dd>{address}</dd>
        </div>
      </dl>
      {seen.kind !== null && (
        <p className="jp-Tfs-hint">
          {seen.kind === 'ours'
            ? trans.__(
                'It is looked at and asked through Jupyter. What changes it is done where it runs.'
              )
            : trans.__(
                'A TensorFlow Serving. It tells the states of its versions; memory, traffic and labels it does not tell here. What changes it is done where it runs.'
              )}
        </p>
      )}
    </>
  );
}
