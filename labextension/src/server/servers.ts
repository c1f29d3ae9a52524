import { ISignal, Signal } from '@lumino/signaling';

import type { Client } from '../api/client';
import { Send, sendTo } from '../api/connection';
import { OtherClient } from '../api/otherClient';
import { OtherWatch } from './otherWatch';
import type { ServerWatch } from './watch';
import type { WatchedModels } from './watchedModels';

/** The name of Jupyter's own model server. */
export const OWN = '';

/** A server that may be looked at, by its name. */
export interface Entry {
  readonly name: string;
  readonly address: string;
  /** Jupyter has a token for it. */
  readonly has_token: boolean;
}

/** Jupyter's own model server. */
export interface OwnServer {
  readonly name: typeof OWN;
  readonly client: Client;
  readonly watch: ServerWatch;
}

/** Another one; it may not be allowed, which it says when it is looked at. */
export interface OtherServer {
  readonly name: string;
  readonly client: OtherClient;
  readonly watch: OtherWatch;
}

export type AnyServer = OwnServer | OtherServer;

export function isOwn(server: AnyServer): server is OwnServer {
  return server.name === OWN;
}

/** Jupyter's own server, and those that may be looked at beside it. */
export class Servers {
  readonly own: OwnServer;
  private listed: readonly Entry[] = [];
  private isListed = false;
  private readonly others = new Map<string, OtherServer>();
  private readonly changes = new Signal<this, readonly Entry[]>(this);

  constructor(
    client: Client,
    watch: ServerWatch,
    private readonly send: Send,
    readonly watched: WatchedModels,
    private milliseconds: number
  ) {
    this.own = { name: OWN, client, watch };
    watched.changed.connect(() => {
      for (const other of this.others.values()) {
        other.watch.notice();
      }
    });
  }

  /** Those that the configuration of Jupyter allows. */
  get entries(): readonly Entry[] {
    return this.listed;
  }

  /** There are others. */
  get changed(): ISignal<this, readonly Entry[]> {
    return this.changes;
  }

  /** Milliseconds between two looks at the numbers. */
  set interval(milliseconds: number) {
    this.milliseconds = milliseconds;
    for (const { watch } of [this.own, ...this.others.values()]) {
      watch.interval = milliseconds;
    }
  }

  /** Ask which there are; while Jupyter does not tell, they are those of before. */
  async fetch(): Promise<void> {
    const told = await this.own.client.servers().catch(() => null);
    if (told) {
      this.listed = told.servers;
      this.isListed = true;
      this.changes.emit(told.servers);
    }
  }

  /** Whether a server may be looked at; null while Jupyter has not told. */
  allows(name: string): boolean | null {
    if (name === OWN) {
      return true;
    }
    return this.isListed ? this.listed.some(one => one.name === name) : null;
  }

  /** A server by its name. */
  find(name: string): AnyServer {
    if (name === OWN) {
      return this.own;
    }
    let other = this.others.get(name);
    if (!other) {
      const client = new OtherClient(sendTo(this.send, name));
      const watch = new OtherWatch(client, () => this.watched.of(name), this.milliseconds);
      other = { name, client, watch };
      this.others.set(name, other);
    }
    return other;
  }

  /** Where a server is. */
  addressOf(name: string): string {
    return this.entryOf(name).address;
  }

  /** Where a server is and whether it wants a token, for code outside of Jupyter. */
  entryOf(name: string): Entry {
    const found = this.listed.find(one => one.name === name);
    return found ?? { name, address: `http://${name}`, has_token: false };
  }

  /** The name of the server that a name or an address stands for. */
  nameOf(text: string): string {
    const wanted = text.trim().replace(/\/+(v1\/*)?$/, '');
    const address = wanted.includes('://') ? wanted : `http://${wanted}`;
    const found = this.listed.find(one => one.name === wanted || one.address === address);
    return found?.name ?? wanted.replace(/^\w+:\/\//, '');
  }
}
