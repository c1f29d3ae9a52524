import type { Overview, SignatureCounts, StepCounts } from '../api/answers';
import { grown, sum } from './histogram';

/** What was counted in a stretch of time. */
export interface Counters {
  readonly requests: number;
  readonly errors: number;
  readonly latency: readonly number[];
  readonly runs: number;
  readonly rows: number;
  readonly padding: number;
  readonly waitTotal: number;
  readonly waits: number;
}

/** Of versions, by their numbers. */
export type ByVersion = Readonly<Record<string, Counters>>;

/** A look at the counters of a server: an overview has all of it, and more. */
export type Look = Pick<Overview, 'time' | 'run' | 'uptime'> & {
  readonly bounds: Pick<Overview['bounds'], 'micros'>;
  readonly models: readonly CountedModel[];
};

/** What a model has counted since each of its signatures began. */
export interface CountedModel {
  readonly name: string;
  readonly versions: readonly {
    readonly version: string;
    readonly signatures: readonly SignatureCounts[];
  }[];
}

const NOTHING: Counters = {
  requests: 0,
  errors: 0,
  latency: [],
  runs: 0,
  rows: 0,
  padding: 0,
  waitTotal: 0,
  waits: 0
};

/**
 * What a model has counted since an earlier look, by version.
 *
 * A signature that is seen for the first time counts if it began after the look before.
 */
export function countedBetween(before: Look, model: CountedModel): ByVersion {
  const earlier = before.models.find(one => one.name === model.name);
  const known = earlier ? signaturesOf(earlier) : new Map<string, SignatureCounts>();
  const counted: Record<string, Counters> = {};
  for (const { version, signatures } of model.versions) {
    for (const one of signatures) {
      const then = known.get(`${version}/${one.signature}`);
      // One that was unloaded and has come back counts anew.
      const isSame = then !== undefined && then.since === one.since;
      if (isSame || one.since >= before.uptime) {
        const change = difference(one, isSame ? then : undefined);
        counted[version] = plus(counted[version] ?? NOTHING, change);
      }
    }
  }
  return counted;
}

/** What the server says of a version in a step. */
export function countersOf(step: StepCounts): Counters {
  return {
    requests: step.requests,
    errors: step.errors,
    latency: step.latency_micros.counts,
    runs: step.runs,
    rows: step.rows,
    padding: step.padding_rows,
    waitTotal: step.wait_micros,
    waits: step.waits
  };
}

/** All versions together. */
export function together(versions: ByVersion): Counters {
  return Object.values(versions).reduce(plus, NOTHING);
}

/** Two stretches of time as one. */
export function plus(one: Counters, other: Counters): Counters {
  return {
    requests: one.requests + other.requests,
    errors: one.errors + other.errors,
    latency: sum(one.latency, other.latency),
    runs: one.runs + other.runs,
    rows: one.rows + other.rows,
    padding: one.padding + other.padding,
    waitTotal: one.waitTotal + other.waitTotal,
    waits: one.waits + other.waits
  };
}

function signaturesOf(model: CountedModel): Map<string, SignatureCounts> {
  return new Map(
    model.versions.flatMap(({ version, signatures }) =>
      signatures.map(one => [`${version}/${one.signature}`, one])
    )
  );
}

function difference(now: SignatureCounts, then: SignatureCounts | undefined): Counters {
  const waits = now.batches?.wait_micros;
  const earlier = then?.batches?.wait_micros;
  return {
    requests: now.requests - (then?.requests ?? 0),
    errors: now.errors - (then?.errors ?? 0),
    latency: grown(now.latency_micros.counts, then?.latency_micros.counts ?? []),
    runs: (now.batches?.runs ?? 0) - (then?.batches?.runs ?? 0),
    rows: (now.batches?.rows ?? 0) - (then?.batches?.rows ?? 0),
    padding: (now.batches?.padding_rows ?? 0) - (then?.batches?.padding_rows ?? 0),
    waitTotal: (waits?.total ?? 0) - (earlier?.total ?? 0),
    waits: total(waits?.counts) - total(earlier?.counts)
  };
}

function total(counts: readonly number[] | undefined): number {
  return (counts ?? []).reduce((all, count) => all + count, 0);
}
