import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { actionsPlugin } from './plugins/actions';
import { chartsPlugin } from './plugins/charts';
import { consolePlugin } from './plugins/console';
import { logPlugin } from './plugins/log';
import { panelPlugin } from './plugins/panel';
import { serverPlugin } from './plugins/server';
import { statusPlugin } from './plugins/status';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  serverPlugin,
  actionsPlugin,
  panelPlugin,
  consolePlugin,
  chartsPlugin,
  logPlugin,
  statusPlugin
];

export default plugins;
