import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, IThemeManager } from '@jupyterlab/apputils';

import { takes, text } from '../actions/arguments';
import { ChartsState } from '../charts/chartsState';
import { ChartsWidget } from '../charts/chartsWidget';
import { CommandIDs } from '../commands';
import { chartIcon } from '../icons';
import { IModelServer } from '../tokens';
import { Tabs } from './mainArea';

/** The charts. */
export const chartsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'tfs-notebook:charts',
  description: 'Latency, throughput, batch sizes and queue of the last hour.',
  autoStart: true,
  requires: [IModelServer],
  optional: [ILayoutRestorer, ICommandPalette, IThemeManager],
  activate: (
    app: JupyterFrontEnd,
    { servers, choice, trans }: IModelServer,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    themes: IThemeManager | null
  ) => {
    const tabs = new Tabs<ChartsWidget>(app, 'tfs-notebook-charts');
    const state = new ChartsState();
    themes?.themeChanged.connect((_, change) => {
      // The variables have their new values once the style is there.
      requestAnimationFrame(() => state.setTheme(change.newValue));
    });
    app.commands.addCommand(CommandIDs.openCharts, {
      label: args => (text(args, 'model') ? trans.__('Charts') : trans.__('Model Charts')),
      caption: trans.__('Latency, throughput, batch sizes and queue of a model'),
      icon: args => (args['isPalette'] ? undefined : chartIcon),
      describedBy: takes('model', 'minutes'),
      execute: args => {
        const model = text(args, 'model');
        if (model !== undefined) {
          state.choose(model);
        }
        state.showMinutes(Number(text(args, 'minutes')));
        const there = tabs.find(() => true);
        if (there) {
          tabs.activate(there);
          return;
        }
        const widget = tabs.add(
          new ChartsWidget(servers, choice, trans, state),
          'Model Charts'
        );
        const save = () => tabs.save(widget);
        state.changed.connect(save);
        widget.disposed.connect(() => {
          state.changed.disconnect(save);
        });
      }
    });
    tabs.restore(
      restorer,
      CommandIDs.openCharts,
      () => ({ model: state.view.model, minutes: String(state.view.span ?? '') }),
      () => 'charts'
    );
    palette?.addItem({
      command: CommandIDs.openCharts,
      category: trans.__('Model Server'),
      args: { isPalette: true }
    });
  }
};
