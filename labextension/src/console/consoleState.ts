import { ISignal, Signal } from '@lumino/signaling';

import type { Metadata } from '../api/answers';
import type { Asked } from '../api/client';
import type { ShownModel } from '../server/health';
import { exampleBody } from './example';
import { Picture, isImage } from './pictures';
import { Kind, Outcome, Question, ask } from './question';
import { Choice, targetOf, versionOf } from './target';

/** A server as a test console needs it. */
export interface AskedServer {
  readonly client: Asked;
  readonly watch: { readonly models: readonly ShownModel[] | null };
}

/** All that a console shows; replaced as a whole by each change. */
export interface ConsoleView {
  /** Its name; empty for that of this Jupyter. */
  readonly server: string;
  readonly model: string;
  readonly choice: Choice;
  /** What is asked beside it; null for nothing. */
  readonly other: Choice | null;
  /** The server that was asked and may be asked no more; null if this is no news. */
  readonly lost: string | null;
  /** What the version takes. */
  readonly form: Metadata | null;
  /** Why there is no form. */
  readonly problem: string;
  /** The name of a file that was to be judged and is no image; empty for none. */
  readonly unreadable: string;
  readonly kind: Kind;
  readonly text: string;
  readonly body: string;
  readonly picture: Picture | null;
  readonly isAsking: boolean;
  /** What was asked, and what came of it; empty before the first answer. */
  readonly asked: Question | null;
  readonly outcomes: readonly Outcome[];
}

const EMPTY: ConsoleView = {
  server: '',
  model: '',
  choice: '',
  other: null,
  lost: null,
  form: null,
  problem: '',
  unreadable: '',
  kind: 'json',
  text: '',
  body: '',
  picture: null,
  isAsking: false,
  asked: null,
  outcomes: []
};

/** A test console without its looks. What comes late, of what was asked before, is dropped. */
export class ConsoleState {
  private current = EMPTY;
  private readonly changes = new Signal<this, ConsoleView>(this);
  /** Of the question that is being asked; null while there is none. */
  private asking: AbortController | null = null;

  constructor(
    private readonly find: (server: string) => AskedServer,
    private readonly top: () => number
  ) {}

  get view(): ConsoleView {
    return this.current;
  }

  get changed(): ISignal<this, ConsoleView> {
    return this.changes;
  }

  /** Ask another server; which of its models is chosen next. */
  chooseServer(server: string): void {
    if (server !== this.current.server) {
      this.begin({ server });
    }
  }

  /** Ask Jupyter's own server, in the place of one that may be asked no more. */
  fallBack(): void {
    const { server } = this.current;
    this.begin({ lost: server });
  }

  /** Ask another model, or another version of it. */
  choose(model: string, choice: Choice): void {
    if (model === this.current.model) {
      this.show({ choice });
    } else {
      const { server, lost } = this.current;
      this.begin({ server, lost, model, choice });
    }
    void this.fetchForm();
  }

  /** Ask another version, too. */
  compareWith(other: Choice | null): void {
    this.show({ other });
  }

  setKind(kind: Kind): void {
    this.cancel();
    this.show({ kind, unreadable: '', outcomes: [], asked: null });
  }

  setText(text: string): void {
    this.show({ text });
  }

  setBody(body: string): void {
    this.show({ body });
  }

  /** A file to be judged, at once if it is an image. */
  async takeFile(name: string, bytes: Blob): Promise<void> {
    const { server, model } = this.current;
    const isOne = await isImage(bytes);
    if (server !== this.current.server || model !== this.current.model) {
      return;
    }
    this.cancel();
    this.forgetPicture();
    const found = isOne ? { name, bytes, url: URL.createObjectURL(bytes) } : null;
    this.show({
      kind: 'image',
      picture: found,
      unreadable: isOne ? '' : name,
      asked: null,
      outcomes: []
    });
    await this.send();
  }

  /** Ask anew what the version takes that is chosen; nothing while it does not serve. */
  async fetchForm(): Promise<void> {
    const { server, model, choice } = this.current;
    const { client, watch } = this.server();
    const shown = watch.models?.find(one => one.name === model);
    const version = shown && versionOf(shown, choice);
    if (version === undefined) {
      // What was wrong with the version that is gone.
      this.show({ problem: '' });
      return;
    }
    try {
      // The newest is whichever the server says: it may have another by now.
      const form = await client.metadata(model, choice === '' ? undefined : version);
      if (this.isStill(server, model, choice)) {
        const isNew = this.current.form === null;
        this.show({
          form,
          problem: '',
          // What was typed while it was asked for stays.
          body: this.current.body || exampleBody(form),
          ...(isNew
            ? { kind: this.current.picture ? 'image' : (form.raw_input ?? 'json') }
            : {})
        });
      }
    } catch (error) {
      if (this.isStill(server, model, choice)) {
        const problem = error instanceof Error ? error.message : String(error);
        this.show({ problem, form: null });
      }
    }
  }

  /** Send what is there; does nothing while there is nothing. */
  async send(): Promise<void> {
    const question = this.ready();
    const { model, choice, other } = this.current;
    if (!question || !model) {
      return;
    }
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const { client } = this.server();
    this.show({ isAsking: true });
    const choices = other === null ? [choice] : [choice, other];
    const outcomes = await Promise.all(
      choices.map(one =>
        ask(client, question, targetOf(model, one), this.top(), asking.signal)
      )
    );
    if (this.asking === asking) {
      this.asking = null;
      this.show({ isAsking: false, asked: question, outcomes });
    }
  }

  /** Ask no more; what was answered before stays. */
  cancel(): void {
    if (this.asking) {
      this.asking.abort();
      this.asking = null;
      this.show({ isAsking: false });
    }
  }

  /** What would be sent; null if it is empty. */
  ready(): Question | null {
    const { kind, text, body, picture } = this.current;
    switch (kind) {
      case 'text':
        return text.trim() ? { kind, text } : null;
      case 'image':
        return picture ? { kind, picture } : null;
      case 'json':
        return body.trim() ? { kind, body } : null;
    }
  }

  dispose(): void {
    this.asking?.abort();
    this.asking = null;
    this.forgetPicture();
    Signal.clearData(this);
  }

  private server(): AskedServer {
    return this.find(this.current.server);
  }

  /** All is as at first, except for this. */
  private begin(view: Partial<ConsoleView>): void {
    this.asking?.abort();
    this.asking = null;
    this.forgetPicture();
    this.show({ ...EMPTY, ...view });
  }

  private forgetPicture(): void {
    if (this.current.picture) {
      URL.revokeObjectURL(this.current.picture.url);
    }
  }

  private isStill(server: string, model: string, choice: Choice): boolean {
    const { current } = this;
    return (
      current.server === server && current.model === model && current.choice === choice
    );
  }

  private show(changes: Partial<ConsoleView>): void {
    this.current = { ...this.current, ...changes };
    this.changes.emit(this.current);
  }
}
