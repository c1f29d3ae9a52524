import { ISignal, Signal } from '@lumino/signaling';

/** Names of models by the name of their server. */
export type NamesByServer = Readonly<Record<string, readonly string[]>>;

/** The models that are looked at on servers that do not tell which they have. */
export class WatchedModels {
  private names: NamesByServer = {};
  private readonly changes = new Signal<this, NamesByServer>(this);

  /** The names have become others, whoever changed them. */
  get changed(): ISignal<this, NamesByServer> {
    return this.changes;
  }

  get all(): NamesByServer {
    return this.names;
  }

  of(server: string): readonly string[] {
    return this.names[server] ?? [];
  }

  add(server: string, name: string): void {
    if (name && !this.of(server).includes(name)) {
      this.replace({ ...this.names, [server]: [...this.of(server), name] });
    }
  }

  /** Add what is not there yet, before what is. */
  addAll(names: NamesByServer): void {
    const all = { ...this.names };
    for (const [server, more] of Object.entries(names)) {
      all[server] = [...new Set([...more, ...this.of(server)])];
    }
    this.replace(all);
  }

  remove(server: string, name: string): void {
    const left = this.of(server).filter(one => one !== name);
    const others = Object.entries(this.names).filter(([one]) => one !== server);
    this.replace(Object.fromEntries(left.length ? [...others, [server, left]] : others));
  }

  /** What the settings say; nothing happens if that is what is known. */
  replace(names: NamesByServer): void {
    if (JSON.stringify(names) !== JSON.stringify(this.names)) {
      this.names = names;
      this.changes.emit(names);
    }
  }
}
