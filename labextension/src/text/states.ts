import type { TranslationBundle } from '@jupyterlab/translation';

import type { HostStatus, VersionState } from '../api/answers';
import type { Health } from '../server/health';
import type { OtherSeen } from '../server/otherWatch';

/** How urgent something is; a class of the style. */
export type Tone = 'good' | 'busy' | 'bad' | 'plain';

/** How a state is shown: an icon and words, never a colour alone. */
export interface Look {
  readonly icon: string;
  readonly text: string;
  readonly tone: Tone;
}

/** How the state of a version is shown. */
export function lookOfVersion(
  state: VersionState,
  isFailed: boolean,
  trans: TranslationBundle
): Look {
  if (isFailed) {
    return { icon: '✕', text: trans.__('failed'), tone: 'bad' };
  }
  switch (state) {
    case 'NEW':
    case 'START':
      return { icon: '○', text: trans.__('waiting'), tone: 'plain' };
    case 'LOADING':
      return { icon: '◔', text: trans.__('loading'), tone: 'busy' };
    case 'AVAILABLE':
      return { icon: '●', text: trans.__('serving'), tone: 'good' };
    case 'UNLOADING':
      return { icon: '◕', text: trans.__('unloading'), tone: 'busy' };
    case 'END':
      return { icon: '◌', text: trans.__('ended'), tone: 'plain' };
  }
}

/** How the state of the model server's process is shown. */
export function lookOfHost(state: HostStatus['state'], trans: TranslationBundle): Look {
  switch (state) {
    case 'ready':
      return { icon: '●', text: trans.__('ready'), tone: 'good' };
    case 'starting':
      return { icon: '◔', text: trans.__('starting'), tone: 'busy' };
    case 'restarting':
      return { icon: '◔', text: trans.__('restarting'), tone: 'busy' };
    case 'quarantined':
      return { icon: '✕', text: trans.__('ended too often'), tone: 'bad' };
    case 'stopped':
      return { icon: '◌', text: trans.__('stopped'), tone: 'plain' };
  }
}

/** How the server does as a whole; null while nobody has answered. */
export function lookOfHealth(health: Health | null, trans: TranslationBundle): Look {
  switch (health) {
    case null:
      return { icon: '○', text: trans.__('asking …'), tone: 'plain' };
    case 'unreachable':
      return { icon: '✕', text: trans.__('no answer'), tone: 'bad' };
    case 'stopped':
      return { icon: '◌', text: trans.__('stopped'), tone: 'plain' };
    case 'starting':
      return { icon: '◔', text: trans.__('starting'), tone: 'busy' };
    case 'failing':
      return { icon: '✕', text: trans.__('failing'), tone: 'bad' };
    case 'loading':
      return { icon: '◔', text: trans.__('loading'), tone: 'busy' };
    case 'ready':
      return { icon: '●', text: trans.__('ready'), tone: 'good' };
  }
}

/** How another server does, of whose process nothing is known. */
export function lookOfOther(seen: OtherSeen, trans: TranslationBundle): Look {
  if (seen.kind !== null) {
    return { icon: '●', text: trans.__('answers'), tone: 'good' };
  }
  return lookOfHealth(seen.problem ? 'unreachable' : null, trans);
}
