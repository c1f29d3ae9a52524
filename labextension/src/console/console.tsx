import { ReactElement, useEffect } from 'react';

import { servingVersions } from '../server/health';
import { Entry, Servers, isOwn } from '../server/servers';
import { hasChoice } from '../serverOptions';
import { Note } from '../text/note';
import { useTrans } from '../text/translation';
import { useChanging, useSeen } from '../changing';
import { Choices } from './choices';
import { Code } from './code';
import type { ConsoleState } from './consoleState';
import { InputArea } from './inputArea';
import { Outcomes } from './outcomes';
import type { Door } from './restCode';

interface Properties {
  readonly servers: Servers;
  readonly state: ConsoleState;
  /** Of the page's own server, for code to copy. */
  readonly door: Door;
  /** Where a picture may be dropped from. */
  readonly dropHint: string;
  readonly top: () => number;
}

/** Try a model out: what is asked at the top, what it says below. */
export function Console({
  servers,
  state,
  door: own,
  dropHint,
  top
}: Properties): ReactElement {
  const trans = useTrans();
  const view = useChanging(state, () => state.view);
  useChanging(servers, () => servers.entries);
  const server = servers.find(view.server);
  useSeen<unknown>(server.watch);
  const { reason, models: seen } = server.watch;
  const models = seen ?? [];
  const model = models.find(one => one.name === view.model);
  const [first] = models;
  useEffect(() => {
    if (!view.model && first) {
      state.choose(first.name, '');
    }
  }, [state, view.model, first]);
  // Another version may take something else.
  const serving = model?.versions.map(one => `${one.version} ${one.state}`).join();
  useEffect(() => {
    void state.fetchForm();
  }, [state, serving]);

  const isServing = model !== undefined && servingVersions(model).length > 0;
  const door: Door = isOwn(server) ? own : otherDoor(servers.entryOf(server.name));
  const choices = <Choices servers={servers} models={models} view={view} state={state} />;
  // Always in the same place: else the keyboard would be lost with each change.
  const beginning = (
    <>
      {view.lost !== null && (
        <p className="jp-Tfs-note jp-mod-busy" role="alert">
          {trans.__(
            '%1 may not be looked at any more: it is not in TfsNotebookApp.allowed_servers. This is the model server of this Jupyter.',
            view.lost
          )}
        </p>
      )}
      {!seen && (
        <p className="jp-Tfs-note jp-mod-busy" role="status">
          {trans.__('The model server does not answer at the moment; it is looked for.')}{' '}
          {reason}
        </p>
      )}
      {(models.length > 0 || !seen || hasChoice(servers, view.server)) && choices}
    </>
  );
  if (seen && models.length === 0) {
    return (
      <>
        {beginning}
        <p className="jp-Tfs-hint">
          {isOwn(server)
            ? trans.__(
                'No model is served yet. Load one in the side panel; it appears here.'
              )
            : trans.__(
                'No model of this server is known here. One that does not tell which it has is asked for those that are named in the side panel.'
              )}
        </p>
      </>
    );
  }
  return (
    <>
      {beginning}
      {seen && view.model && !isServing && (
        <p className="jp-Tfs-note jp-mod-busy" role="status">
          {trans.__('No version of %1 serves at the moment.', view.model)}
        </p>
      )}
      {view.problem && seen && <Note text={view.problem} tone="bad" role="alert" />}
      <InputArea {...{ view, state, dropHint }} canAsk={seen !== null} />
      <div aria-live="polite" aria-busy={view.isAsking}>
        <Outcomes view={view} />
      </div>
      <Code view={view} door={door} top={top()} />
    </>
  );
}

function otherDoor({ address, has_token: hasToken }: Entry): Door {
  return { address, token: hasToken ? 'server' : null, grpcToken: hasToken };
}
