import { ByVersion, Counters, together } from './counters';
import { quantile } from './histogram';

/** What was counted in a stretch of time, as rates and quantiles. */
export interface Rates {
  /** How long the stretch is, in seconds. */
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly errorsPerSecond: number;
  /** Milliseconds; null where no request has ended. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** Null where no batch was run. */
  readonly rowsARun: number | null;
  readonly waitMillis: number | null;
}

/** What happened to a model in a stretch of time that ends at `time`. */
export interface Sample extends Rates {
  /** Seconds since the epoch, by the server's clock. */
  readonly time: number;
  /** Requests a second of the versions that were asked. */
  readonly byVersion: Readonly<Record<string, number>>;
  /** Requests that wait for a batch, at its end. */
  readonly queued: number;
  /** Requests under way, at its end. */
  readonly inFlight: number;
}

/** A time from which on nothing is known: the server was away, or is another one. */
export type Break = null;

/** The end of a stretch of time: when it was, and what was under way then. */
export type End = Pick<Sample, 'time' | 'seconds' | 'queued' | 'inFlight'>;

/** A sample of what was counted. */
export function sampleOf(versions: ByVersion, bounds: readonly number[], end: End): Sample {
  const asked = Object.entries(versions).filter(([, one]) => one.requests > 0);
  return {
    ...ratesOf(together(versions), bounds, end.seconds),
    ...end,
    byVersion: Object.fromEntries(
      asked.map(([version, one]) => [version, one.requests / end.seconds])
    )
  };
}

/** Of all that was counted in so many seconds. */
export function ratesOf(
  counted: Counters,
  bounds: readonly number[],
  seconds: number
): Rates {
  const millis = (share: number): number | null => {
    const micros = quantile(counted.latency, bounds, share);
    return micros === null ? null : micros / 1000;
  };
  return {
    seconds,
    requestsPerSecond: counted.requests / seconds,
    errorsPerSecond: counted.errors / seconds,
    p50: millis(0.5),
    p95: millis(0.95),
    p99: millis(0.99),
    rowsARun: counted.runs ? counted.rows / counted.runs : null,
    waitMillis: counted.waits ? counted.waitTotal / counted.waits / 1000 : null
  };
}
