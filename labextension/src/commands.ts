import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

/** What can be done, by the names JupyterLab knows it by. */
export const CommandIDs = {
  lookAtServer: 'tfs-notebook:look-at-server',
  openPanel: 'tfs-notebook:open-panel',
  openConsole: 'tfs-notebook:open-console',
  openCharts: 'tfs-notebook:open-charts',
  openLog: 'tfs-notebook:open-log',
  start: 'tfs-notebook:start-server',
  stop: 'tfs-notebook:stop-server',
  restart: 'tfs-notebook:restart-server',
  load: 'tfs-notebook:load-model',
  loadDirectory: 'tfs-notebook:load-directory',
  loadAgain: 'tfs-notebook:load-model-again',
  unload: 'tfs-notebook:unload-model',
  setLabel: 'tfs-notebook:set-label',
  removeLabel: 'tfs-notebook:remove-label',
  rollBack: 'tfs-notebook:roll-back',
  unpin: 'tfs-notebook:unpin',
  followNewest: 'tfs-notebook:follow-newest',
  pauseRollout: 'tfs-notebook:pause-rollout',
  resumeRollout: 'tfs-notebook:resume-rollout',
  promoteRollout: 'tfs-notebook:promote-rollout',
  abortRollout: 'tfs-notebook:abort-rollout',
  resetTraffic: 'tfs-notebook:reset-traffic',
  tryImage: 'tfs-notebook:try-image'
} as const;

/** Does what a component cannot do itself; JupyterLab's registry is one. */
export interface Commands {
  execute(command: string, args?: ReadonlyPartialJSONObject): Promise<unknown>;
}
