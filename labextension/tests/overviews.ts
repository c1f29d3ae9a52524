import type { Model, Overview, SignatureCounts, Version } from '../src/api/answers';

/** Bounds of the histograms of these tests, in microseconds. */
export const MICROS = [1000, 2000, 4000];

export function signature(changes: Partial<SignatureCounts> = {}): SignatureCounts {
  return {
    signature: 'serving_default',
    since: 0,
    requests: 0,
    errors: 0,
    in_flight: 0,
    queued: 0,
    written_off_runs: 0,
    hung_runs: 0,
    last_request: null,
    latency_micros: { total: 0, counts: [0, 0, 0, 0] },
    batches: null,
    ...changes
  };
}

export function version(changes: Partial<Version> = {}): Version {
  return {
    version: '1',
    state: 'AVAILABLE',
    error: null,
    kind: 'saved_model',
    steps: null,
    share: null,
    history: [],
    loaded: null,
    batching: null,
    signatures: [signature()],
    ...changes
  };
}

export function model(changes: Partial<Model> = {}): Model {
  return {
    name: 'spam',
    base_path: '/models/spam',
    platform: 'tensorflow',
    version_policy: 'latest',
    labels: {},
    waiting_for: null,
    pin: null,
    is_kept: true,
    recording: null,
    traffic: null,
    batching: null,
    versions: [version()],
    ...changes
  };
}

export function overview(changes: Partial<Overview> = {}): Overview {
  return {
    time: 1000,
    run: 'one',
    uptime: 100,
    process: { pid: 1, cpu_seconds: 1, resident_bytes: 1 },
    loads_on_request: false,
    batch_threads: null,
    request_log_directory: null,
    next_event: 1,
    bounds: { micros: MICROS, rows: [1, 2] },
    models: [model()],
    ...changes
  };
}
