import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';

import { addLoadActions } from '../actions/loadActions';
import { addModelActions } from '../actions/modelActions';
import { labDialogs } from '../actions/reporting';
import { addServerActions } from '../actions/serverActions';
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
    addModelActions(app.commands, server, labDialogs(server.trans));
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
