import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';

import { addLoadActions } from '../actions/loadActions';
import { addModelActions } from '../actions/modelActions';
import { labDialogs } from '../actions/reporting';
import { addServerActions } from '../actions/serverActions';
import { addTrafficActions } from '../actions/trafficActions';
import { CommandIDs } from '../commands';
import { IModelServer } from '../tokens';

/** What changes the model server and its models. */
export const actionsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'tfs-notebook:actions',
  description: 'Commands that change the model server and its models.',
  autoStart: true,
  requires: [IModelServer],
  optional: [ICommandPalette, IDefaultFileBrowser],
  activate: (
    app: JupyterFrontEnd,
    server: IModelServer,
    palette: ICommandPalette | null,
    browser: IDefaultFileBrowser | null
  ) => {
    addServerActions(app.commands, server);
    const dialogs = labDialogs(server.trans);
    addModelActions(app.commands, server, dialogs);
    addTrafficActions(app.commands, server, dialogs);
    addLoadActions(app.commands, server, app.serviceManager.contents, browser);
    const category = server.trans.__('Model Server');
    for (const command of [
      CommandIDs.load,
      CommandIDs.start,
      CommandIDs.stop,
      CommandIDs.restart
    ]) {
      palette?.addItem({ command, category });
    }
    server.watch.changed.connect(() => {
      app.commands.notifyCommandChanged(CommandIDs.start);
      app.commands.notifyCommandChanged(CommandIDs.stop);
      app.commands.notifyCommandChanged(CommandIDs.restart);
    });
  }
};
