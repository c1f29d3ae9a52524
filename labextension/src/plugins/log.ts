import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';

import { takes } from '../actions/arguments';
import { CommandIDs } from '../commands';
import { LogWidget } from '../log/logWidget';
import { IModelServer } from '../tokens';
import { Tabs } from './mainArea';

/** What the model server writes. */
export const logPlugin: JupyterFrontEndPlugin<void> = {
  id: 'tfs-notebook:log',
  description: 'The log of the model server.',
  autoStart: true,
  requires: [IModelServer],
  optional: [ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    { client, watch, trans }: IModelServer,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ) => {
    const tabs = new Tabs<LogWidget>(app, 'tfs-notebook-log');
    app.commands.addCommand(CommandIDs.openLog, {
      label: trans.__('Log of the Model Server'),
      describedBy: takes(),
      execute: () => {
        const there = tabs.find(() => true);
        if (there) {
          tabs.activate(there);
        } else {
          tabs.add(new LogWidget(watch, trans, client), 'Model Server Log');
        }
      }
    });
    tabs.restore(
      restorer,
      CommandIDs.openLog,
      () => ({}),
      () => 'log'
    );
    palette?.addItem({ command: CommandIDs.openLog, category: trans.__('Model Server') });
  }
};
