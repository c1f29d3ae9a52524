import { ISignal, Signal } from '@lumino/signaling';

import { keepPreference, preference } from './preferences';

export type ThemeName = 'light' | 'dark';

const NAME = 'theme';
const DARK = '(prefers-color-scheme: dark)';

/** Light or dark: the reader's choice, or else their system's, which may change. */
export class Theme {
  private chosen: ThemeName | null = null;
  private readonly changes = new Signal<this, ThemeName>(this);

  get changed(): ISignal<this, ThemeName> {
    return this.changes;
  }

  get name(): ThemeName {
    return this.chosen ?? (matchMedia(DARK).matches ? 'dark' : 'light');
  }

  /** Begin with what was chosen before. */
  begin(): void {
    const kept = preference(NAME);
    this.chosen = kept === 'light' || kept === 'dark' ? kept : null;
    this.show();
    matchMedia(DARK).addEventListener('change', () => this.show());
  }

  /** The other one; one that is the system's own is no choice. */
  toggle(): void {
    const next = this.name === 'dark' ? 'light' : 'dark';
    const own = matchMedia(DARK).matches ? 'dark' : 'light';
    this.chosen = next === own ? null : next;
    keepPreference(NAME, this.chosen);
    this.show();
  }

  private show(): void {
    document.documentElement.dataset['theme'] = this.name;
    this.changes.emit(this.name);
  }
}
