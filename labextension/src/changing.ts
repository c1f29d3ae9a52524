import type { ISignal } from '@lumino/signaling';
import { useSyncExternalStore } from 'react';

import type { Watcher } from './server/watcher';

/** What was seen last; the component is drawn again when that changes. */
export function useSeen<Seen>(watch: Watcher<Seen>): Seen {
  return useChanging(watch, () => watch.seen);
}

/** Something with a signal that tells of changes. */
interface Changing {
  readonly changed: ISignal<unknown, unknown>;
}

/** A value of something that changes; the component is drawn again when it does. */
export function useChanging<Value>(changing: Changing, value: () => Value): Value {
  return useSyncExternalStore(redraw => {
    changing.changed.connect(redraw);
    return () => {
      changing.changed.disconnect(redraw);
    };
  }, value);
}
