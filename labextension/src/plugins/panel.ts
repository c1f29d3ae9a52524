import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';

import { addLookAction } from '../actions/lookAction';
import { CommandIDs } from '../commands';
import { modelServerIcon } from '../icons';
import { PanelWidget } from '../panel/panelWidget';
import { IModelServer } from '../tokens';

/** Third parties are between 501 and 899. */
const RANK = 550;

/** The side panel. */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'tfs-notebook:panel',
  description: 'A side panel with the model server, its models and their versions.',
  autoStart: true,
  requires: [IModelServer],
  optional: [ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    server: IModelServer,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ) => {
    const { servers, choice, trans } = server;
    const panel = new PanelWidget(servers, choice, trans, app.commands);
    app.shell.add(panel, 'left', { rank: RANK, type: 'Model Server' });
    restorer?.add(panel, panel.id);
    app.commands.addCommand(CommandIDs.openPanel, {
      label: trans.__('Show the Model Server'),
      icon: modelServerIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        app.shell.activateById(panel.id);
      }
    });
    addLookAction(app.commands, server);
    for (const command of [CommandIDs.openPanel, CommandIDs.lookAtServer]) {
      palette?.addItem({ command, category: trans.__('Model Server') });
    }
  }
};
