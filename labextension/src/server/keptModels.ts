import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { PartialJSONObject } from '@lumino/coreutils';

import type { NamesByServer, WatchedModels } from './watchedModels';

const KEY = 'watchedModels';

type Settings = Pick<ISettingRegistry.ISettings, 'get' | 'set' | 'changed'>;

/** Keep the names in the settings, and take back those that are there. */
export function keepModels(watched: WatchedModels, settings: Settings): void {
  const stored = () => settings.get(KEY).composite as NamesByServer;
  let writing = 0;
  const write = () => {
    if (JSON.stringify(watched.all) === JSON.stringify(stored())) {
      return;
    }
    writing += 1;
    void settings
      .set(KEY, watched.all as PartialJSONObject)
      // They hold for this page at least.
      .catch(() => undefined)
      .finally(() => (writing -= 1));
  };
  settings.changed.connect(() => {
    // While names are on their way there, what comes from there is older than they are.
    if (writing === 0) {
      watched.replace(stored());
    }
  });
  // What was named before the settings were there has its place beside what they say.
  watched.addAll(stored());
  watched.changed.connect(write);
  write();
}
