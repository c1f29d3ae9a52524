import { ISignal, Signal } from '@lumino/signaling';

import type { ModelHistory } from '../api/answers';
import type { Client } from '../api/client';
import { Refused } from '../api/client';
import { History } from './history';
import { Hour } from './hour';
import { MetricsReader } from './metrics';
import type { Break, Sample } from './sample';

/**
 * Where the numbers are from: the server, which keeps an hour; this page, which has asked it
 * again and again; or the metrics of a TensorFlow Serving, read by this page. `none`: it has
 * no page of metrics.
 */
export type TrafficSource = 'server' | 'page' | 'metrics' | 'none';

/** A server whose traffic is shown: one of tfs_notebook or not. */
export type Kind = 'ours' | 'serving';

/** How long a page of metrics that there is not is not asked for again, in seconds. */
const PATIENCE = 60;

/** What a server answers to a path that it does not have. */
const UNKNOWN_PATH = [400, 404, 405, 501];

type Asked = Pick<Client, 'history' | 'metrics'>;

/** How the models of a server were asked in the last hour. */
export class Traffic {
  private readonly hours = new Map<string, Hour>();
  private readonly metrics = new History();
  private readonly reader = new MetricsReader();
  private readonly asking = new Map<string, Promise<void>>();
  private readonly changes = new Signal<this, void>(this);
  private fetches = 0;
  private names: readonly string[] = [];
  private from: TrafficSource = 'server';
  private last: number | null = null;
  private refused = -Infinity;

  constructor(
    private readonly client: Asked,
    /** What this page has seen of it, for a server that keeps nothing. */
    private readonly seen: History,
    private readonly now = () => Date.now() / 1000,
    private readonly uptime = () => performance.now() / 1000
  ) {}

  get source(): TrafficSource {
    return this.from;
  }

  /** There is more to show, or it is known that there is nothing. */
  get changed(): ISignal<this, void> {
    return this.changes;
  }

  /** How often anything was fetched. */
  get fetched(): number {
    return this.fetches;
  }

  /** The models that there is something of. */
  get models(): string[] {
    const { names, seen, metrics } = this;
    return [...new Set([...names, ...seen.models, ...metrics.models])].sort();
  }

  /** The time of the last look, in seconds since the epoch; null before it. */
  get until(): number | null {
    return this.from === 'server' ? this.last : this.history.until;
  }

  /** Since when something is known of a model. */
  since(model: string): number | null {
    return this.from === 'server'
      ? (this.hours.get(model)?.since ?? null)
      : this.history.since;
  }

  /** What happened to a model, the oldest first. */
  samples(model: string): (Sample | Break)[] {
    return this.from === 'server'
      ? (this.hours.get(model)?.samples ?? [])
      : this.history.samples(model);
  }

  /** Fetch what is new; a server that does not answer is no failure, what was known stays. */
  refresh(model: string, kind: Kind): Promise<void> {
    const key = `${kind} ${model}`;
    const asking =
      this.asking.get(key) ??
      this.fetch(model, kind)
        .catch(() => undefined)
        .then(() => {
          this.fetches += 1;
          this.changes.emit();
        })
        .finally(() => this.asking.delete(key));
    this.asking.set(key, asking);
    return asking;
  }

  private get history(): History {
    return this.from === 'metrics' ? this.metrics : this.seen;
  }

  private async fetch(model: string, kind: Kind): Promise<void> {
    if (kind === 'serving') {
      await this.readMetrics();
    } else if (model !== '' && this.from !== 'page') {
      await this.fetchHour(model);
    }
  }

  private async fetchHour(model: string): Promise<void> {
    const hour = this.hours.get(model) ?? new Hour();
    let answer: ModelHistory;
    try {
      answer = await this.client.history(model, hour.next);
      if (!hour.continues(answer)) {
        answer = await this.client.history(model, 0);
      }
    } catch (error) {
      if (isUnknown(error)) {
        this.from = 'page';
      }
      throw error;
    }
    hour.add(answer);
    this.hours.set(model, hour);
    this.from = 'server';
    this.names = answer.models;
    this.last = answer.time;
  }

  private async readMetrics(): Promise<void> {
    if (this.uptime() < this.refused + PATIENCE) {
      return;
    }
    try {
      const page = await this.client.metrics();
      this.metrics.add(this.reader.read(page, this.now(), this.uptime()));
      this.from = 'metrics';
    } catch (error) {
      this.metrics.interrupt();
      if (isUnknown(error)) {
        this.from = 'none';
        this.refused = this.uptime();
      }
      throw error;
    }
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof Refused && UNKNOWN_PATH.includes(error.status);
}
