import { ISignal, Signal } from '@lumino/signaling';

export const VIEWS = ['models', 'console', 'charts'] as const;

export type View = (typeof VIEWS)[number];

/** The view that the end of an address stands for; the models, if it stands for none. */
export function viewOf(hash: string): View {
  return VIEWS.find(one => `#/${one}` === hash) ?? 'models';
}

/** Which view is shown: the address says it, so that the browser's way back works. */
export class ShownView {
  private readonly changes = new Signal<this, View>(this);

  constructor() {
    window.addEventListener('hashchange', () => this.changes.emit(this.name));
  }

  get changed(): ISignal<this, View> {
    return this.changes;
  }

  get name(): View {
    return viewOf(window.location.hash);
  }

  show(view: View): void {
    window.location.hash = `#/${view}`;
  }
}
