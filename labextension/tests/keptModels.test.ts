import { Signal } from '@lumino/signaling';

import { keepModels } from '../src/server/keptModels';
import { NamesByServer, WatchedModels } from '../src/server/watchedModels';

/** Settings as JupyterLab has them: they change once they are written. */
class Stored {
  readonly written: NamesByServer[] = [];
  readonly changed = new Signal<this, void>(this);
  private release: (() => void)[] = [];

  constructor(private names: NamesByServer) {}

  get(): { composite: NamesByServer; user: undefined } {
    return { composite: this.names, user: undefined };
  }

  async set(_: string, names: NamesByServer): Promise<void> {
    this.written.push(names);
    await new Promise<void>(resolve => this.release.push(resolve));
    this.change(names);
  }

  change(names: NamesByServer): void {
    this.names = names;
    this.changed.emit();
  }

  async finish(): Promise<void> {
    this.release.shift()?.();
    await new Promise(resolve => setTimeout(resolve));
  }
}

function kept(watched: WatchedModels, stored: Stored): void {
  keepModels(watched, stored as unknown as Parameters<typeof keepModels>[1]);
}

test('what is there is taken back, and not written again', () => {
  const stored = new Stored({ far: ['half'] });
  const watched = new WatchedModels();
  kept(watched, stored);
  expect(watched.all).toEqual({ far: ['half'] });
  stored.change({ far: ['half', 'spam'] });
  expect(watched.of('far')).toEqual(['half', 'spam']);
  expect(stored.written).toEqual([]);
});

test('what was named before the settings were there is kept', () => {
  const stored = new Stored({ far: ['spam'], other: ['digits'] });
  const watched = new WatchedModels();
  watched.add('far', 'half');
  kept(watched, stored);
  expect(watched.all).toEqual({ far: ['spam', 'half'], other: ['digits'] });
  expect(stored.written).toEqual([watched.all]);
});

test('what is on its way is not undone by what it was before', async () => {
  const stored = new Stored({});
  const watched = new WatchedModels();
  kept(watched, stored);
  watched.add('far', 'half');
  watched.add('far', 'spam');
  await stored.finish();
  expect(watched.of('far')).toEqual(['half', 'spam']);
  await stored.finish();
  watched.remove('far', 'half');
  await stored.finish();
  expect(watched.of('far')).toEqual(['spam']);
  expect(stored.written.at(-1)).toEqual({ far: ['spam'] });
});
