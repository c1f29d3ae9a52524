import { LabIcon } from '@jupyterlab/ui-components';

import charts from '../style/icons/charts.svg';
import modelServer from '../style/icons/model-server.svg';
import testConsole from '../style/icons/test-console.svg';

/** Of the panel, the tabs and the launcher. */
export const modelServerIcon = new LabIcon({
  name: 'tfs-notebook:model-server',
  svgstr: modelServer
});

/** Of the test console. */
export const consoleIcon = new LabIcon({
  name: 'tfs-notebook:console',
  svgstr: testConsole
});

/** Of the charts. */
export const chartIcon = new LabIcon({ name: 'tfs-notebook:charts', svgstr: charts });
