import type { HostStatus } from '../src/api/answers';
import { Client, Refused } from '../src/api/client';
import { Unreachable } from '../src/api/connection';
import { ServerWatch } from '../src/server/watch';
import { overview } from './overviews';

const READY: HostStatus = {
  state: 'ready',
  reason: '',
  pid: 1,
  restarts: 0,
  started: 1,
  memory: 1,
  version: '0.1.0'
};

function watched(interval = 1000) {
  const client = {
    status: jest.fn(() => Promise.resolve(READY)),
    overview: jest.fn(() => Promise.resolve(overview()))
  };
  return { client, watch: new ServerWatch(client as unknown as Client, interval) };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('nothing is polled while nobody looks', async () => {
  const { client, watch } = watched();
  await jest.advanceTimersByTimeAsync(10_000);
  expect(client.status).not.toHaveBeenCalled();
  watch.dispose();
});

test('numbers are polled while somebody looks, and at once', async () => {
  const { client, watch } = watched();
  const viewer = {};
  await jest.advanceTimersByTimeAsync(100);
  watch.attend(viewer);
  await jest.advanceTimersByTimeAsync(10);
  expect(client.overview).toHaveBeenCalledTimes(1);
  await jest.advanceTimersByTimeAsync(3000);
  const calls = client.overview.mock.calls.length;
  expect(calls).toBeGreaterThan(2);
  watch.leave(viewer);
  await jest.advanceTimersByTimeAsync(10_000);
  expect(client.overview.mock.calls.length).toBeLessThanOrEqual(calls + 1);
  watch.dispose();
});

test('a change is looked at although nobody looks, and several as one', async () => {
  const { client, watch } = watched();
  const seen = jest.fn();
  watch.changed.connect(seen);
  watch.notice();
  watch.notice();
  await jest.advanceTimersByTimeAsync(200);
  expect(client.status).toHaveBeenCalledTimes(1);
  expect(seen).toHaveBeenCalledTimes(1);
  expect(watch.health).toBe('ready');
  watch.dispose();
});

test('a change during a look is looked at once more', async () => {
  const { client, watch } = watched();
  const first = watch.look();
  void watch.look();
  void watch.look();
  await first;
  expect(client.status).toHaveBeenCalledTimes(2);
  watch.dispose();
});

test.each([
  [new Unreachable('offline'), 'unreachable'],
  [new Refused(404, 'Not Found'), 'missing'],
  [new Refused(403, 'log in'), 'refused']
] as const)('why nobody answers is told: %s', async (error, kind) => {
  const { client, watch } = watched();
  client.status.mockRejectedValue(error);
  await expect(watch.look()).rejects.toBe(error);
  expect(watch.seen.problem).toEqual({ kind, message: error.message });
  expect(watch.health).toBe('unreachable');
  watch.dispose();
});

test('the history is interrupted while the model server is away', async () => {
  const { client, watch } = watched();
  await watch.look();
  client.status.mockResolvedValue({ ...READY, state: 'restarting', reason: 'killed' });
  await watch.look();
  expect(watch.seen.overview).toBeNull();
  expect(watch.history.until).toBeNull();
  expect(watch.health).toBe('starting');
  watch.dispose();
});
