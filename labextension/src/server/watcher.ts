import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { ISignal, Signal } from '@lumino/signaling';

import type { ShownModel } from './health';

/** How long changes that come one after the other are waited for, in milliseconds. */
const SETTLE = 50;
const LONGEST_WAIT = 60_000;

/**
 * Looks at a server; one for all that shows it.
 *
 * It looks when it is told of a change. Numbers are polled while somebody looks at them and
 * the page is to be seen.
 */
export abstract class Watcher<Seen> implements IDisposable {
  private readonly poll: Poll;
  private readonly viewers = new Set<object>();
  private readonly changes = new Signal<this, Seen>(this);
  private running: Promise<void> | null = null;
  private isOutdated = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private current: Seen,
    interval: number,
    longestWait = LONGEST_WAIT
  ) {
    this.poll = new Poll({
      auto: false,
      name: 'tfs-notebook:overview',
      factory: () => this.look(),
      frequency: { interval, backoff: true, max: longestWait },
      standby: () => (this.viewers.size === 0 ? true : 'when-hidden')
    });
    void this.poll.start();
  }

  /** Its models with their versions; null while it does not answer. */
  abstract get models(): readonly ShownModel[] | null;

  /** Why it does not answer; empty if that is not known. */
  abstract get reason(): string;

  /** What was seen last. */
  get seen(): Seen {
    return this.current;
  }

  /** Each look, whether anything is different or not. */
  get changed(): ISignal<this, Seen> {
    return this.changes;
  }

  get isDisposed(): boolean {
    return this.poll.isDisposed;
  }

  /** Milliseconds between two looks at the numbers. */
  set interval(milliseconds: number) {
    this.poll.frequency = { ...this.poll.frequency, interval: milliseconds };
  }

  /** Somebody has begun to look at the numbers; they are fetched at once. */
  attend(viewer: object): void {
    if (!this.viewers.has(viewer)) {
      this.viewers.add(viewer);
      void this.poll.refresh();
    }
  }

  /** They look no more. */
  leave(viewer: object): void {
    this.viewers.delete(viewer);
  }

  /** Something has changed: look soon, whether anybody watches or not. */
  notice(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look().catch(() => undefined), SETTLE);
  }

  /** Look now; a look that is under way is followed by another. Fails as the client does. */
  look(): Promise<void> {
    if (this.running) {
      this.isOutdated = true;
      return this.running;
    }
    this.running = this.lookUntilFresh().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.poll.dispose();
    Signal.clearData(this);
  }

  /** Ask the server, and show what is seen, of a failure too. */
  protected abstract lookOnce(): Promise<void>;

  protected show(seen: Seen): void {
    if (!this.isDisposed) {
      this.current = seen;
      this.changes.emit(seen);
    }
  }

  private async lookUntilFresh(): Promise<void> {
    do {
      this.isOutdated = false;
      await this.lookOnce();
    } while (this.mustLookAgain());
  }

  private mustLookAgain(): boolean {
    return this.isOutdated && !this.isDisposed;
  }
}
