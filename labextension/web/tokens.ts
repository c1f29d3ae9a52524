import { ISignal, Signal } from '@lumino/signaling';

/** What a token is for: to look and to ask, or to change models. */
export type Purpose = 'reading' | 'control';

/** What keeps texts until the tab is closed. */
export type Drawer = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** The tokens that were typed in; they end with the tab, and go to this server alone. */
export class Tokens {
  private readonly given = new Map<Purpose, string>();
  /** With which one the server did not answer, null for none; undefined while it answers. */
  private refused: string | null | undefined = undefined;
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

  /** The server does not answer without one, or not with the one there was. */
  get isReadingRefused(): boolean {
    return this.refused !== undefined;
  }

  /** It does not answer with the one there is. */
  get isReadingWrong(): boolean {
    return typeof this.refused === 'string' && this.refused === this.get('reading');
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

  /** Whether the server has answered a request with a token, or without, or asks for another. */
  noteAnswer(isRefused: boolean, token: string | null): void {
    const refused = isRefused ? token : undefined;
    if (refused !== this.refused) {
      this.refused = refused;
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
