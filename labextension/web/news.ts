/** What news is asked of. */
export interface NewsSource {
  eventsAfter(number: number, seconds: number): Promise<number>;
}

/** How long the server may hold a question back, in seconds; proxies cut off after a minute. */
const HELD_SECONDS = 25;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

/**
 * Waits for changes of models' states, one question after the other, and tells of each.
 *
 * Nothing is asked while the page is hidden: a browser has few connections to one server.
 */
export class News {
  private isOver = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly source: NewsSource,
    private readonly tell: () => void,
    private readonly isHidden: () => boolean = () => document.hidden,
    private readonly sleep: (milliseconds: number) => Promise<void> = pause
  ) {}

  /** Ask until it is stopped; failures are waited out, longer each time. */
  async follow(): Promise<void> {
    let last = 0;
    let wait = FIRST_WAIT;
    while (!this.isOver) {
      if (this.isHidden()) {
        await new Promise<void>(resolve => {
          this.wake = resolve;
        });
        // What has happened meanwhile.
        this.tell();
        continue;
      }
      try {
        const next = await this.source.eventsAfter(last, HELD_SECONDS);
        wait = FIRST_WAIT;
        if (next !== last) {
          last = next;
          this.tell();
        }
      } catch {
        await this.sleep(wait);
        wait = Math.min(2 * wait, LONGEST_WAIT);
        this.tell();
      }
    }
  }

  /** The page is to be seen again. */
  resume(): void {
    this.wake();
  }

  stop(): void {
    this.isOver = true;
    this.wake();
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
