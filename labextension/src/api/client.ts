import type {
  Failure,
  HostChange,
  HostLog,
  HostStatus,
  Metadata,
  ModelDirectory,
  ModelHistory,
  OtherServers,
  Overview,
  RawAnswer,
  ServingMetadata,
  ServingStatus
} from './answers';
import type { Reply, Send } from './connection';
import { readExactly } from './exactNumbers';

/** The server has refused; the message is its own, and says what to do. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string
  ) {
    super(message);
  }
}

/** A version of a model, or what a label stands for, or the newest. */
export interface Target {
  readonly model: string;
  readonly version?: string;
  readonly label?: string;
}

/** What people can say of a rollout that is under way. */
export type RolloutOrder = 'pause' | 'resume' | 'promote' | 'abort';

/** What is sent to be judged. */
export type Raw = { readonly text: string } | { readonly image: Blob };

type Parse = (text: string) => unknown;

/** An answer, with how it came about. */
export interface Timed<Answer> {
  readonly answer: Answer;
  /** The version that answered, where the server tells. */
  readonly version: string | null;
  /** Milliseconds until the answer was here. */
  readonly milliseconds: number;
  /** Milliseconds by step, where the server tells. */
  readonly steps: Readonly<Record<string, number>>;
}

/** What a test console asks of a server. */
export type Asked = Pick<Client, 'metadata' | 'judge' | 'predict'>;

/** Where a model's tensors are sent to be predicted. */
export function predictPath(target: Target): string {
  const name = `v1/models/${encodeURIComponent(target.model)}`;
  if (target.version !== undefined) {
    return `${name}/versions/${target.version}:predict`;
  }
  if (target.label !== undefined) {
    return `${name}/labels/${encodeURIComponent(target.label)}:predict`;
  }
  return `${name}:predict`;
}

/** The query that names what a raw input is for. */
export function rawQuery(target: Target, top?: number): URLSearchParams {
  const query = new URLSearchParams({ model: target.model });
  if (target.version !== undefined) {
    query.set('version', target.version);
  } else if (target.label !== undefined) {
    query.set('label', target.label);
  }
  if (top !== undefined) {
    query.set('k', String(top));
  }
  return query;
}

/** `Server-Timing` taken apart. */
export function readSteps(header: string | null): Record<string, number> {
  const steps: Record<string, number> = {};
  for (const match of (header ?? '').matchAll(/([\w-]+);dur=([\d.]+)/g)) {
    steps[match[1] ?? ''] = Number(match[2]);
  }
  return steps;
}

/**
 * The model server as it is reached below Jupyter's address.
 *
 * All fail with `Refused`, whose message is for the reader, or with `Unreachable`.
 */
export class Client {
  constructor(
    private readonly send: Send,
    private readonly now: () => number = () => performance.now()
  ) {}

  status(): Promise<HostStatus> {
    return this.get('status');
  }

  async log(lines: number): Promise<readonly string[]> {
    return (await this.get<HostLog>(`log?lines=${lines}`)).lines;
  }

  change(what: 'start' | 'stop' | 'restart'): Promise<HostChange> {
    return this.post(what, {});
  }

  overview(): Promise<Overview> {
    return this.get('v2/repository/overview');
  }

  /** What a model was asked in the last hour, from a step on. */
  history(model: string, since: number): Promise<ModelHistory> {
    const query = new URLSearchParams({ model, since: String(since) });
    return this.get(`v2/repository/history?${query.toString()}`);
  }

  /** The page of metrics, which a server has if its monitoring is configured. */
  async metrics(): Promise<string> {
    const reply = await this.send('monitoring/prometheus/metrics');
    if (!reply.ok) {
      read(reply);
    }
    return reply.text;
  }

  /** Which other servers may be looked at. */
  servers(): Promise<OtherServers> {
    return this.get('servers');
  }

  /** The states of a model's versions, which any TensorFlow Serving tells. */
  states(model: string): Promise<ServingStatus> {
    return this.get(`v1/models/${encodeURIComponent(model)}`);
  }

  /** The signatures of a version, which any TensorFlow Serving tells. */
  signatures(model: string, version?: string): Promise<ServingMetadata> {
    const path = `v1/models/${encodeURIComponent(model)}`;
    return this.get(
      version === undefined ? `${path}/metadata` : `${path}/versions/${version}/metadata`
    );
  }

  /** What could be served of a directory in the file browser. */
  directory(path: string): Promise<ModelDirectory> {
    return this.get(`directory?${new URLSearchParams({ path }).toString()}`);
  }

  /** Answers once the model serves, or has failed to come up. */
  async load(name: string, basePath?: string): Promise<void> {
    await this.control(name, 'load', basePath === undefined ? {} : { base_path: basePath });
  }

  async unload(name: string): Promise<void> {
    await this.control(name, 'unload', {});
  }

  /** Moves labels to versions, or takes them away with null. */
  async label(
    name: string,
    labels: Readonly<Record<string, number | null>>
  ): Promise<void> {
    await this.control(name, 'labels', { labels });
  }

  /** Back to an earlier version; to the one before, if none is named. */
  async rollBack(name: string, version?: number): Promise<void> {
    await this.control(name, 'rollback', version === undefined ? {} : { version });
  }

  /** Serve the newest version, whichever that is. */
  async followNewest(name: string): Promise<void> {
    await this.control(name, 'load', { version_policy: 'latest' });
  }

  /** Follow what it was told before it was pinned. */
  async unpin(name: string): Promise<void> {
    await this.control(name, 'unpin', {});
  }

  async steerRollout(name: string, order: RolloutOrder): Promise<void> {
    await this.control(name, 'rollout', { action: order });
  }

  /** Take back the weights, the copies, and a rollout that has ended. */
  async resetTraffic(name: string): Promise<void> {
    await this.control(name, 'traffic', { reset: true });
  }

  /** What a version takes and gives; the newest, if none is named. */
  metadata(model: string, version?: string): Promise<Metadata> {
    const path = `v2/models/${encodeURIComponent(model)}`;
    return this.get(version === undefined ? path : `${path}/versions/${version}`);
  }

  /** Judge a text or an image. */
  async judge(
    raw: Raw,
    target: Target,
    top: number,
    signal: AbortSignal | null = null
  ): Promise<Timed<RawAnswer>> {
    if ('text' in raw) {
      const { model, version, label } = target;
      const body = { text: raw.text, model, version, label, k: top, words: true };
      const init = { method: 'POST', body: JSON.stringify(body), signal };
      return this.timed('predict', withJson(init));
    }
    const init = {
      method: 'POST',
      body: raw.image,
      headers: { 'Content-Type': 'application/octet-stream' },
      signal
    };
    return this.timed(`predict?${rawQuery(target, top).toString()}`, init);
  }

  /** Predict with a body as TensorFlow Serving takes it; numbers are read exactly. */
  predict(
    body: string,
    target: Target,
    signal: AbortSignal | null = null
  ): Promise<Timed<unknown>> {
    const init = withJson({ method: 'POST', body, signal });
    return this.timed(predictPath(target), init, readExactly);
  }

  private async timed<Answer>(
    path: string,
    init: RequestInit,
    parse: Parse = JSON.parse
  ): Promise<Timed<Answer>> {
    const begun = this.now();
    const reply = await this.send(path, init);
    const milliseconds = this.now() - begun;
    return {
      answer: read<Answer>(reply, parse),
      version: reply.header('X-Model-Version'),
      milliseconds,
      steps: readSteps(reply.header('Server-Timing'))
    };
  }

  protected async get<Answer>(path: string): Promise<Answer> {
    return read(await this.send(path));
  }

  private async post<Answer>(path: string, body: unknown): Promise<Answer> {
    const init = withJson({ method: 'POST', body: JSON.stringify(body) });
    return read(await this.send(path, init));
  }

  private async control(name: string, verb: string, parameters: unknown): Promise<void> {
    const path = `v2/repository/models/${encodeURIComponent(name)}/${verb}`;
    const init = withJson({ method: 'POST', body: JSON.stringify({ parameters }) });
    const reply = await this.send(path, init);
    if (!reply.ok) {
      read(reply);
    }
  }
}

function withJson(init: RequestInit): RequestInit {
  return { ...init, headers: { 'Content-Type': 'application/json' } };
}

// What it is follows from the path; tests hold the real answers to the schema.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
function read<Answer>(reply: Reply, parse: Parse = JSON.parse): Answer {
  let document: unknown;
  try {
    document = parse(reply.text);
  } catch {
    // Not the extension: a proxy's page, or Jupyter's own.
    document = { error: `${reply.status}: ${reply.text.slice(0, 200)}` };
  }
  if (!reply.ok) {
    const told = (document as Partial<Failure>).error;
    throw new Refused(reply.status, told ?? `the server answered with ${reply.status}`);
  }
  return document as Answer;
}
