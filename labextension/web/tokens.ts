import { ISignal, Signal } from '@lumino/signaling';

/** What a token is for: to look and to ask, or to change models. */
export type Purpose = 'reading' | 'control';

/** What keeps texts until the tab is closed. */
export type Drawer = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** The tokens that were typed in; they end with the tab, and go to this server alone. */
export class Tokens {
  private readonly given = new Map<Purpose, string>();
  private missing = false;
  private readonly changes = new Signal<this, void>(this);

  constructor(private readonly drawer: Drawer | null) {
    for (const purpose of ['reading', 'control'] as const) {
      const kept = drawer?.getItem(keyOf(purpose));
      if (kept) {
        this.given.set(purpose, kept);
      }
    }
  }

  get changed(): ISignal<this, void> {
    return this.changes;
  }

  /** The server does not answer without one, or not with the one there is. */
  get isReadingRefused(): boolean {
    return this.missing;
  }

  get(purpose: Purpose): string | null {
    return this.given.get(purpose) ?? null;
  }

  give(purpose: Purpose, token: string): void {
    this.given.set(purpose, token);
    this.drawer?.setItem(keyOf(purpose), token);
    this.changes.emit();
  }

  forget(purpose: Purpose): void {
    if (this.given.delete(purpose)) {
      this.drawer?.removeItem(keyOf(purpose));
      this.changes.emit();
    }
  }

  /** Whether the server has answered without asking for a token. */
  noteAnswer(isRefused: boolean): void {
    if (isRefused !== this.missing) {
      this.missing = isRefused;
      this.changes.emit();
    }
  }
}

/** The browser's own; null where it has none. */
export function sessionDrawer(): Drawer | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

function keyOf(purpose: Purpose): string {
  return `tfs-notebook:token:${purpose}`;
}
