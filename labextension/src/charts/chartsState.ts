import { ISignal, Signal } from '@lumino/signaling';

/** How much time the charts may show, in minutes. */
export const SPANS = [5, 15, 60] as const;

export type Span = (typeof SPANS)[number];

/** The shortest of them that shows all of so many seconds; an hour if there are more. */
export function spanFor(seconds: number): Span {
  return SPANS.find(minutes => minutes * 60 >= seconds) ?? 60;
}

/** What the charts are of. */
export interface ChartsView {
  /** Empty for the first there is. */
  readonly model: string;
  /** Null for one that shows all that is known. */
  readonly span: Span | null;
  readonly isTable: boolean;
  readonly theme: string;
}

/** What of the charts is not of the server. */
export class ChartsState {
  private current: ChartsView = { model: '', span: null, isTable: false, theme: '' };
  private readonly changes = new Signal<this, ChartsView>(this);

  get view(): ChartsView {
    return this.current;
  }

  get changed(): ISignal<this, ChartsView> {
    return this.changes;
  }

  choose(model: string): void {
    this.show({ model });
  }

  /** Show so many minutes; nothing changes if these are none of those to choose from. */
  showMinutes(minutes: number): void {
    const span = SPANS.find(one => one === minutes);
    if (span !== undefined) {
      this.show({ span });
    }
  }

  /** Show the numbers as a table, or as charts. */
  showTable(isTable: boolean): void {
    this.show({ isTable });
  }

  /** Colours are read anew. */
  setTheme(theme: string): void {
    this.show({ theme });
  }

  private show(changes: Partial<ChartsView>): void {
    this.current = { ...this.current, ...changes };
    this.changes.emit(this.current);
  }
}
