import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { Event } from '@jupyterlab/services';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Client } from '../api/client';
import { sendThrough } from '../api/jupyter';
import { keepChoice } from '../server/keptChoice';
import { keepModels } from '../server/keptModels';
import { ServerChoice } from '../server/serverChoice';
import { Servers } from '../server/servers';
import { ServerWatch } from '../server/watch';
import { WatchedModels } from '../server/watchedModels';
import { DOMAIN } from '../text/translation';
import { IModelServer } from '../tokens';

/** Also the name of the settings. */
const ID = 'tfs-notebook:plugin';
const EVENTS = /^urn:tfs_notebook:model_(server|version)_state:/;
const SECONDS = 2;

/** Knows the model server; waits for nothing. */
export const serverPlugin: JupyterFrontEndPlugin<IModelServer> = {
  id: ID,
  description: 'The model server of this Jupyter, and what is known of it.',
  autoStart: true,
  optional: [ITranslator, ISettingRegistry, IStateDB],
  provides: IModelServer,
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    settings: ISettingRegistry | null,
    state: IStateDB | null
  ): IModelServer => {
    const send = sendThrough(app.serviceManager.serverSettings);
    const client = new Client(send);
    const choice = new ServerChoice();
    const watch = new ServerWatch(client, SECONDS * 1000);
    app.serviceManager.events.stream.connect((_, event: Event.Emission) => {
      if (EVENTS.test(event.schema_id)) {
        watch.notice();
      }
    });
    watch.notice();
    const watched = new WatchedModels();
    const servers = new Servers(client, watch, send, watched, SECONDS * 1000);
    void servers.fetch();
    void keepChoice(choice, servers, state);
    fetchAgain(watch, servers);
    if (settings) {
      void follow(settings, servers);
    }
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    return { client, watch, servers, choice, trans };
  }
};

/** A Jupyter that has been started anew may allow others. */
function fetchAgain(watch: ServerWatch, servers: Servers): void {
  let wasGone = false;
  watch.changed.connect((_, { problem }) => {
    if (wasGone && !problem) {
      void servers.fetch();
    }
    wasGone = problem?.kind === 'unreachable';
  });
}

async function follow(registry: ISettingRegistry, servers: Servers): Promise<void> {
  const settings = await registry.load(ID);
  const apply = () => {
    const seconds = settings.get('pollSeconds').composite;
    servers.interval = (typeof seconds === 'number' ? seconds : SECONDS) * 1000;
  };
  settings.changed.connect(apply);
  apply();
  keepModels(servers.watched, settings);
}
