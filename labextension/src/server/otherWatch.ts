import type { OtherServerKind } from '../api/answers';
import { Refused } from '../api/client';
import type { OtherClient } from '../api/otherClient';
import { modelOf } from '../api/serving';
import type { ShownModel } from './health';
import { History } from './history';
import { Traffic } from './traffic';
import { Watcher } from './watcher';

/** A model of another server; `problem` says why it tells nothing of it. */
export interface OtherModel extends ShownModel {
  readonly problem?: string;
}

/** What was last seen of another server. */
export interface OtherSeen {
  /** `serving`: a TensorFlow Serving, which tells less. Null while it does not answer. */
  readonly kind: OtherServerKind['kind'];
  readonly models: readonly OtherModel[] | null;
  /** Why it does not answer; empty before the first look. */
  readonly problem: string;
}

/** No such model, as TensorFlow Serving says it. */
const UNKNOWN_MODEL = [400, 404];
/** Nobody tells when it is back: milliseconds until it is looked for again, at most. */
const LONGEST_WAIT = 10_000;

/** Knows another server. Of TensorFlow Serving it asks for the models that are named. */
export class OtherWatch extends Watcher<OtherSeen> {
  readonly history = new History();
  readonly traffic: Traffic;

  constructor(
    readonly client: OtherClient,
    /** Names of models to ask for. */
    private readonly names: () => readonly string[],
    interval: number
  ) {
    super({ kind: null, models: null, problem: '' }, interval, LONGEST_WAIT);
    this.traffic = new Traffic(client, this.history);
  }

  get models(): readonly OtherModel[] | null {
    return this.seen.models;
  }

  get reason(): string {
    return this.seen.problem;
  }

  protected async lookOnce(): Promise<void> {
    try {
      if ((await this.kind()) === 'ours') {
        const overview = await this.client.overview();
        this.history.add(overview);
        this.show({ kind: 'ours', models: overview.models, problem: '' });
      } else {
        const models = await Promise.all(this.names().map(name => this.model(name)));
        this.show({ kind: 'serving', models, problem: '' });
      }
    } catch (error) {
      this.history.interrupt();
      const problem = error instanceof Error ? error.message : String(error);
      this.show({ kind: null, models: null, problem });
      throw error;
    }
  }

  /** Not asked for again and again of a server that answers something else, too. */
  private async kind(): Promise<'ours' | 'serving'> {
    const known = this.seen.kind;
    if (known === 'ours' || (known === 'serving' && this.names().length > 0)) {
      return known;
    }
    const { kind, problem } = await this.client.kind();
    if (kind === null) {
      throw new Error(problem);
    }
    return kind;
  }

  private async model(name: string): Promise<OtherModel> {
    try {
      return modelOf(name, await this.client.states(name));
    } catch (error) {
      if (error instanceof Refused && UNKNOWN_MODEL.includes(error.status)) {
        return { name, labels: {}, versions: [], problem: error.message };
      }
      throw error;
    }
  }
}
