import { ISignal, Signal } from '@lumino/signaling';

import { OWN } from './servers';

/** Which server the side panel shows. */
export class ServerChoice {
  private current: string = OWN;
  private gone: string | null = null;
  private readonly changes = new Signal<this, string>(this);

  get name(): string {
    return this.current;
  }

  /** The server that was shown and may be looked at no more; null once that is known. */
  get lost(): string | null {
    return this.gone;
  }

  /** Another is shown, or another is lost. */
  get changed(): ISignal<this, string> {
    return this.changes;
  }

  choose(name: string): void {
    if (name !== this.current || this.gone !== null) {
      this.set(name, null);
    }
  }

  /** Show Jupyter's own, and say in the place of which. */
  fallBack(): void {
    if (this.current !== OWN) {
      this.set(OWN, this.current);
    }
  }

  private set(name: string, lost: string | null): void {
    this.current = name;
    this.gone = lost;
    this.changes.emit(name);
  }
}
