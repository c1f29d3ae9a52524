import { Client, Refused } from '../api/client';
import { Unreachable } from '../api/connection';
import type { HostStatus, Overview } from '../api/answers';
import { Health, Problem, Seen, ShownModel, healthOf } from './health';
import { History } from './history';
import { Traffic } from './traffic';
import { Watcher } from './watcher';

const NOT_FOUND = 404;

/** Knows how the model server of this Jupyter is. */
export class ServerWatch extends Watcher<Seen> {
  readonly history = new History();
  readonly traffic: Traffic;

  constructor(
    readonly client: Client,
    interval: number
  ) {
    super({ status: null, overview: null, problem: null }, interval);
    this.traffic = new Traffic(client, this.history);
  }

  get health(): Health | null {
    return healthOf(this.seen);
  }

  get models(): readonly ShownModel[] | null {
    return this.seen.overview?.models ?? null;
  }

  get reason(): string {
    return this.seen.status?.reason ?? this.seen.problem?.message ?? '';
  }

  protected async lookOnce(): Promise<void> {
    let status: HostStatus;
    try {
      status = await this.client.status();
    } catch (error) {
      this.history.interrupt();
      this.show({ status: null, overview: null, problem: problemOf(error) });
      throw error;
    }
    const overview = status.state === 'ready' ? await this.overview() : null;
    if (overview) {
      this.history.add(overview);
    } else {
      this.history.interrupt();
    }
    this.show({ status, overview, problem: null });
  }

  private async overview(): Promise<Overview | null> {
    try {
      return await this.client.overview();
    } catch {
      // It has gone since; an event will tell, or the next look.
      return null;
    }
  }
}

function problemOf(error: unknown): Problem {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Unreachable) {
    return { kind: 'unreachable', message };
  }
  const isMissing = error instanceof Refused && error.status === NOT_FOUND;
  return { kind: isMissing ? 'missing' : 'refused', message };
}
