import { ISignal, Signal } from '@lumino/signaling';

import { Dialogs, TextQuestion, Told, reasonOf } from '../src/actions/dialogs';

/** How a change goes; a failure stays until it is dismissed. */
export interface Notice {
  readonly id: number;
  readonly kind: 'pending' | 'done' | 'failed';
  readonly text: string;
}

/** A field of a dialog. */
export interface Field {
  readonly label: string;
  readonly placeholder: string;
  readonly isSecret?: boolean;
}

/** What is asked in a dialog; one of them at a time. */
export interface Asked {
  readonly title: string;
  readonly text: string;
  readonly fields: readonly Field[];
  readonly button: string;
  /** Whether it hurts. */
  readonly isGrave: boolean;
  /** Null for none: it was given up. */
  readonly answer: (values: readonly string[] | null) => void;
}

const SHOWN_MILLISECONDS = 4000;

/** Dialogs and notices of the page, without their looks. */
export class PageDialogs implements Dialogs {
  private shown: Asked | null = null;
  private told: readonly Notice[] = [];
  private count = 0;
  private readonly changes = new Signal<this, void>(this);

  get changed(): ISignal<this, void> {
    return this.changes;
  }

  get asked(): Asked | null {
    return this.shown;
  }

  get notices(): readonly Notice[] {
    return this.told;
  }

  readonly report = (work: Promise<unknown>, told: Told): void => {
    const id = (this.count += 1);
    this.put({ id, kind: 'pending', text: told.pending });
    work.then(
      () => {
        this.put({ id, kind: 'done', text: told.done });
        setTimeout(() => this.dismiss(id), SHOWN_MILLISECONDS);
      },
      (reason: unknown) => this.put({ id, kind: 'failed', text: reasonOf(reason) })
    );
  };

  readonly confirm = async (
    title: string,
    question: string,
    button: string
  ): Promise<boolean> =>
    (await this.ask({ title, text: question, fields: [], button, isGrave: true })) !== null;

  readonly askText = async (question: TextQuestion): Promise<string> => {
    const { title, label, placeholder, okLabel: button } = question;
    const fields = [{ label, placeholder }];
    const values = await this.ask({ title, text: '', fields, button, isGrave: false });
    return values?.[0]?.trim() ?? '';
  };

  /** Ask for the values of some fields; null if it is given up. */
  ask(asked: Omit<Asked, 'answer'>): Promise<readonly string[] | null> {
    this.shown?.answer(null);
    return new Promise(resolve => {
      const answer = (values: readonly string[] | null) => {
        this.shown = null;
        this.changes.emit();
        resolve(values);
      };
      this.shown = { ...asked, answer };
      this.changes.emit();
    });
  }

  dismiss(id: number): void {
    this.told = this.told.filter(one => one.id !== id);
    this.changes.emit();
  }

  private put(notice: Notice): void {
    this.told = [...this.told.filter(one => one.id !== notice.id), notice];
    this.changes.emit();
  }
}
