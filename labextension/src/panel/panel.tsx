import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import type { ServerChoice } from '../server/serverChoice';
import { Servers, isOwn } from '../server/servers';
import type { ServerWatch } from '../server/watch';
import { mismatchOf } from '../server/versions';
import { useTrans } from '../text/translation';
import { VERSION } from '../version';
import { useChanging, useSeen } from '../changing';
import { LostNote } from './lostNote';
import { MismatchNote } from './mismatchNote';
import { ModelList } from './modelList';
import { OtherPanel } from './otherPanel';
import { ServerChooser } from './serverChooser';
import { ServerSection } from './serverSection';

interface Properties {
  readonly servers: Servers;
  readonly choice: ServerChoice;
  readonly commands: CommandRegistry;
}

/** The server, and below it its models. */
export function Panel({ servers, choice, commands }: Properties): ReactElement {
  const name = useChanging(choice, () => choice.name);
  const server = servers.find(name);
  return (
    <>
      <ServerChooser servers={servers} choice={choice} />
      <LostNote choice={choice} />
      {isOwn(server) ? (
        <OwnPanel watch={server.watch} commands={commands} />
      ) : (
        <OtherPanel key={name} server={server} servers={servers} commands={commands} />
      )}
    </>
  );
}

interface OwnProperties {
  readonly watch: ServerWatch;
  readonly commands: CommandRegistry;
}

function OwnPanel({ watch, commands }: OwnProperties): ReactElement {
  const trans = useTrans();
  const seen = useSeen(watch);
  const mismatch = mismatchOf(seen, VERSION, trans);
  return (
    <>
      {mismatch && <MismatchNote mismatch={mismatch} />}
      <ServerSection seen={seen} commands={commands} />
      <ModelList overview={seen.overview} history={watch.history} commands={commands} />
    </>
  );
}
