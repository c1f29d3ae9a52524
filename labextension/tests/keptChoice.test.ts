import type { Reply } from '../src/api/connection';
import { Client } from '../src/api/client';
import { keepChoice } from '../src/server/keptChoice';
import { ServerChoice } from '../src/server/serverChoice';
import { Servers } from '../src/server/servers';
import type { ServerWatch } from '../src/server/watch';
import { WatchedModels } from '../src/server/watchedModels';

const KEY = 'tfs-notebook:server';

/** A page, with what one before it has left. */
function page(kept: Record<string, string>) {
  const allowed = ['far:8501'];
  const send = (): Promise<Reply> => {
    const servers = allowed.map(name => ({ name, address: `http://${name}` }));
    const text = JSON.stringify({ servers, trait: '' });
    return Promise.resolve({ ok: true, status: 200, text, header: () => null });
  };
  const watch = {} as unknown as ServerWatch;
  const servers = new Servers(new Client(send), watch, send, new WatchedModels(), 1000);
  const state = {
    fetch: (key: string) => Promise.resolve(kept[key]),
    save: (key: string, value: unknown) => {
      kept[key] = value as string;
      return Promise.resolve();
    }
  };
  return { allowed, servers, state, choice: new ServerChoice() };
}

test('the choice is there again with the next page', async () => {
  const kept = {};
  const first = page(kept);
  await keepChoice(first.choice, first.servers, first.state);
  first.choice.choose('far:8501');
  const { choice, servers, state } = page(kept);
  const restored = keepChoice(choice, servers, state);
  await servers.fetch();
  await restored;
  expect([choice.name, choice.lost]).toEqual(['far:8501', null]);
});

test.each(['before', 'after'])('one that is allowed no more is told, %s', async when => {
  const kept = { [KEY]: 'gone:8501' };
  const { choice, servers, state } = page(kept);
  if (when === 'before') {
    await servers.fetch();
    await keepChoice(choice, servers, state);
  } else {
    await keepChoice(choice, servers, state);
    expect(choice.name).toBe('gone:8501');
    await servers.fetch();
  }
  expect([choice.name, choice.lost]).toEqual(['', 'gone:8501']);
  expect(kept[KEY]).toBe('');
  choice.choose('');
  expect(choice.lost).toBeNull();
});

test('one that is struck off while it is shown gives way, too', async () => {
  const { allowed, choice, servers, state } = page({});
  await servers.fetch();
  await keepChoice(choice, servers, state);
  choice.choose('far:8501');
  allowed.pop();
  await servers.fetch();
  expect([choice.name, choice.lost]).toEqual(['', 'far:8501']);
});

test('one that never was allowed stays, for the panel says what would allow it', async () => {
  const { choice, servers, state } = page({});
  await servers.fetch();
  await keepChoice(choice, servers, state);
  choice.choose('else:8501');
  await servers.fetch();
  expect([choice.name, choice.lost]).toEqual(['else:8501', null]);
});

test('who has chosen already keeps that', async () => {
  const kept = { [KEY]: 'far:8501' };
  const { choice, servers, state } = page(kept);
  const restored = keepChoice(choice, servers, state);
  choice.choose('near:8501');
  await restored;
  expect(choice.name).toBe('near:8501');
});

test('without a place to keep it there is the choice all the same', async () => {
  const { choice, servers } = page({});
  await keepChoice(choice, servers, null);
  choice.choose('far:8501');
  expect(choice.name).toBe('far:8501');
});
