import type { SignatureCounts } from '../api/answers';
import type { CountedModel, Look } from './counters';

/** A number on a page of metrics. */
export interface Metric {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SERVING = ':tensorflow:serving:';
const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** The numbers of a page in Prometheus's text format; lines that are none are left out. */
export function parseMetrics(page: string): Metric[] {
  return page.split('\n').flatMap(line => {
    const [, name, labels, text] = LINE.exec(line) ?? [];
    const value = numberOf(text ?? '');
    return name === undefined || Number.isNaN(value)
      ? []
      : [{ name, labels: labelsOf(labels ?? ''), value }];
  });
}

/** What a TensorFlow Serving counts, of all versions of a model together. */
export class MetricsReader {
  private earlier = new Map<string, number>();
  private run = 0;

  /** Read a page at a time in seconds since the epoch, and by a clock that never goes back. */
  read(page: string, time: number, uptime: number): Look {
    // Of status and metadata, which this page itself asks for, the API is empty.
    const metrics = parseMetrics(page).filter(one => one.labels['API'] !== '');
    const all = sums(metrics, 'request_count', 'model_name');
    // Counters that have fallen are those of a process that was started since.
    if ([...this.earlier].some(([name, value]) => (all.get(name) ?? 0) < value)) {
      this.run += 1;
    }
    this.earlier = all;
    const names = [...all.keys()].filter(name => name !== '').sort();
    const buckets = bucketsOf(metrics);
    const batches = names.length === 1 ? batchesOf(metrics) : null;
    return {
      time,
      uptime,
      run: String(this.run),
      bounds: { micros: buckets.bounds },
      models: names.map(name => modelOf(name, metrics, buckets, batches))
    };
  }
}

interface Buckets {
  readonly bounds: number[];
  /** By model, up to each bound and without one. */
  readonly below: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

/** Batches are told of all models together: null where there are several. */
function modelOf(
  name: string,
  metrics: readonly Metric[],
  { bounds, below }: Buckets,
  batches: SignatureCounts['batches']
): CountedModel {
  const failed = metrics.filter(one => one.labels['status'] !== 'OK');
  const errors = sums(failed, 'request_count', 'model_name').get(name) ?? 0;
  const succeeded = sums(metrics, 'request_latency_count', 'model_name').get(name) ?? 0;
  const upTo = [...bounds, Infinity].map(bound => below.get(name)?.get(bound) ?? 0);
  const signature: SignatureCounts = {
    signature: '',
    since: 0,
    requests: succeeded + errors,
    errors,
    in_flight: 0,
    queued: 0,
    written_off_runs: 0,
    hung_runs: 0,
    last_request: null,
    latency_micros: {
      total: sums(metrics, 'request_latency_sum', 'model_name').get(name) ?? 0,
      counts: upTo.map((count, place) => count - (upTo[place - 1] ?? 0))
    },
    batches
  };
  return { name, versions: [{ version: '', signatures: [signature] }] };
}

function batchesOf(metrics: readonly Metric[]): SignatureCounts['batches'] {
  const of = (metric: string) =>
    sums(metrics, `batching_session:${metric}`, '').get('') ?? 0;
  const nothing = { total: 0, counts: [] };
  return {
    runs: of('processed_batch_size_count'),
    rows: of('processed_batch_size_sum'),
    padding_rows: 0,
    run_seconds: 0,
    rows_of_a_run: nothing,
    requests_of_a_run: nothing,
    wait_micros: { total: of('queuing_latency_sum'), counts: [of('queuing_latency_count')] }
  };
}

/** The sums of a metric by the values of a label; without a label, of all. */
function sums(
  metrics: readonly Metric[],
  name: string,
  label: string
): Map<string, number> {
  const found = new Map<string, number>();
  for (const metric of metrics) {
    if (metric.name === `${SERVING}${name}`) {
      const key = metric.labels[label] ?? '';
      found.set(key, (found.get(key) ?? 0) + metric.value);
    }
  }
  return found;
}

function bucketsOf(metrics: readonly Metric[]): Buckets {
  const below = new Map<string, Map<number, number>>();
  const bounds = new Set<number>();
  for (const { name, labels, value } of metrics) {
    if (name === `${SERVING}request_latency_bucket`) {
      const bound = numberOf(labels['le'] ?? '');
      bounds.add(bound);
      const model = labels['model_name'] ?? '';
      const counts = below.get(model) ?? new Map<number, number>();
      counts.set(bound, (counts.get(bound) ?? 0) + value);
      below.set(model, counts);
    }
  }
  bounds.delete(Infinity);
  return { bounds: [...bounds].sort((one, other) => one - other), below };
}

function numberOf(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  return /^[+-]?Inf$/.test(text) ? sign * Infinity : text === '' ? NaN : Number(text);
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(LABEL)) {
    labels[name ?? ''] = (value ?? '').replace(/\\(.)/g, (_, escaped: string) =>
      escaped === 'n' ? '\n' : escaped
    );
  }
  return labels;
}
