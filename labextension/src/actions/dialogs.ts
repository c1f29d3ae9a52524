/** What is being done, and what it is called once it is. */
export interface Told {
  readonly pending: string;
  readonly done: string;
}

/** A question that is answered with a text. */
export interface TextQuestion {
  readonly title: string;
  readonly label: string;
  readonly placeholder: string;
  readonly okLabel: string;
}

/** How people are told and asked, wherever that is. */
export interface Dialogs {
  /** Tells how a change goes; its failure stays until it is dismissed. */
  readonly report: (work: Promise<unknown>, told: Told) => void;
  /** Asks before something that hurts; the button says what it does. */
  readonly confirm: (title: string, question: string, button: string) => Promise<boolean>;
  /** Empty where nothing was answered. */
  readonly askText: (question: TextQuestion) => Promise<string>;
}

/** What an error tells the reader. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
