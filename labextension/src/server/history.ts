import { Counters, CountedModel, Look, countedBetween, plus, together } from './counters';
import { Break, Rates, Sample, ratesOf, sampleOf } from './sample';

export type { Break, Sample } from './sample';

/** Numbers of the last few looks, taken together. */
export type Recent = Rates & {
  readonly padding: number | null;
};

/** How long something is kept, in seconds. */
export const HOUR = 3600;
const RECENT_SECONDS = 30;

interface Kept {
  readonly sample: Sample | Break;
  readonly time: number;
}

interface Lately {
  readonly time: number;
  readonly seconds: number;
  readonly counted: Counters;
}

/** What this page has seen of a server in the last hour; outlives all that shows it. */
export class History {
  private readonly kept = new Map<string, Kept[]>();
  private readonly lately = new Map<string, Lately[]>();
  private bounds: readonly number[] = [];
  private last: Look | null = null;
  private begun: number | null = null;

  /** Since when there is something, in seconds since the epoch. */
  get since(): number | null {
    return this.begun;
  }

  /** The time of the last look. */
  get until(): number | null {
    return this.last?.time ?? null;
  }

  /** The models that there is something of. */
  get models(): string[] {
    return [...this.kept.keys()].sort();
  }

  /** Take note of a look at the server. */
  add(now: Look): void {
    const before = this.last;
    this.begun ??= now.time;
    this.bounds = now.bounds.micros;
    if (before?.run !== now.run) {
      this.interrupt();
    } else if (now.time > before.time) {
      for (const model of now.models) {
        this.keep(model, before, now);
      }
    }
    this.last = now;
    this.forget(now.time - HOUR);
  }

  /** The server does not answer. */
  interrupt(): void {
    for (const samples of this.kept.values()) {
      const last = samples[samples.length - 1];
      if (last?.sample) {
        samples.push({ sample: null, time: last.time });
      }
    }
    this.lately.clear();
    this.last = null;
  }

  /** What happened to a model, the oldest first. */
  samples(model: string): (Sample | Break)[] {
    return (this.kept.get(model) ?? []).map(one => one.sample);
  }

  /** What happened to a model in the last half minute; null before the second look. */
  recent(model: string): Recent | null {
    const lately = this.lately.get(model) ?? [];
    if (lately.length === 0) {
      return null;
    }
    const seconds = lately.reduce((all, one) => all + one.seconds, 0);
    const counted = lately.map(one => one.counted).reduce(plus);
    const rows = counted.rows + counted.padding;
    return {
      ...ratesOf(counted, this.bounds, seconds),
      padding: rows ? counted.padding / rows : null
    };
  }

  private keep(model: CountedModel, before: Look, { time, uptime }: Look): void {
    const versions = countedBetween(before, model);
    const seconds = uptime - before.uptime;
    const counts = model.versions.flatMap(version => version.signatures);
    const sample = sampleOf(versions, this.bounds, {
      time,
      seconds,
      queued: counts.reduce((all, one) => all + one.queued, 0),
      inFlight: counts.reduce((all, one) => all + one.in_flight, 0)
    });
    push(this.kept, model.name, { sample, time });
    push(this.lately, model.name, { time, seconds, counted: together(versions) });
    const lately = this.lately.get(model.name) ?? [];
    this.lately.set(
      model.name,
      lately.filter(one => one.time > time - RECENT_SECONDS)
    );
  }

  private forget(before: number): void {
    for (const [model, samples] of this.kept) {
      const left = samples.filter(one => one.time >= before);
      if (left.some(one => one.sample)) {
        this.kept.set(model, left);
      } else {
        this.kept.delete(model);
      }
    }
    this.begun = Math.max(this.begun ?? before, before);
  }
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list) {
    list.push(value);
  } else {
    map.set(key, [value]);
  }
}
