import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';

import { CommandIDs } from '../commands';
import { StatusItem } from '../status/statusItem';
import { IModelServer } from '../tokens';

const RANK = 20;

/** How the model server does, in the status bar. */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'tfs-notebook:status',
  description: 'Whether the model server is ready, loading or failing, in the status bar.',
  autoStart: true,
  requires: [IModelServer],
  optional: [IStatusBar, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    { watch, trans }: IModelServer,
    statusBar: IStatusBar | null,
    registry: ISettingRegistry | null
  ) => {
    if (!statusBar) {
      return;
    }
    const item = new StatusItem(watch, trans, () => {
      void app.commands.execute(CommandIDs.openPanel);
    });
    statusBar.registerStatusItem('tfs-notebook:status', {
      item,
      align: 'left',
      rank: RANK
    });
    void registry?.load('tfs-notebook:plugin').then(settings => {
      const apply = () =>
        item.setHidden(settings.get('showStatusItem').composite === false);
      settings.changed.connect(apply);
      apply();
    });
  }
};
