import type { Overview } from '../src/api/answers';
import { quantile } from '../src/server/histogram';
import { History } from '../src/server/history';
import { MICROS, model, overview, signature, version } from './overviews';

function at(seconds: number, requests: number, counts: number[], run = 'one'): Overview {
  const counted = signature({
    requests,
    errors: Math.floor(requests / 10),
    latency_micros: { total: 0, counts }
  });
  const versions = [version({ signatures: [counted] })];
  return overview({
    time: 1000 + seconds,
    uptime: 100 + seconds,
    run,
    models: [model({ versions })]
  });
}

test('a quantile lies between the bounds of its bucket', () => {
  expect(quantile([0, 10, 0, 0], MICROS, 0.5)).toBe(1500);
  expect(quantile([5, 5, 0, 0], MICROS, 1)).toBe(2000);
  // Above the last bound nothing is known but that.
  expect(quantile([0, 0, 0, 3], MICROS, 0.99)).toBe(4000);
  expect(quantile([0, 0, 0, 0], MICROS, 0.5)).toBeNull();
});

test('what grows between two looks is told by the second', () => {
  const history = new History();
  history.add(at(0, 100, [100, 0, 0, 0]));
  expect(history.recent('spam')).toBeNull();
  history.add(at(2, 120, [100, 20, 0, 0]));
  const recent = history.recent('spam')!;
  expect(recent.requestsPerSecond).toBe(10);
  expect(recent.errorsPerSecond).toBe(1);
  expect(recent.p50).toBe(1.5);
  expect(history.samples('spam')).toHaveLength(1);
});

test('a pause is one sample of all that time', () => {
  const history = new History();
  history.add(at(0, 0, [0, 0, 0, 0]));
  history.add(at(600, 1200, [1200, 0, 0, 0]));
  expect(history.samples('spam')).toMatchObject([{ seconds: 600, requestsPerSecond: 2 }]);
});

test('another run of the server is a break, and its counters begin anew', () => {
  const history = new History();
  history.add(at(0, 100, [100, 0, 0, 0]));
  history.add(at(2, 110, [110, 0, 0, 0]));
  history.add(at(4, 3, [3, 0, 0, 0], 'two'));
  expect(history.samples('spam').at(-1)).toBeNull();
  expect(history.recent('spam')).toBeNull();
  history.add(at(6, 7, [7, 0, 0, 0], 'two'));
  expect(history.samples('spam').at(-1)).toMatchObject({ requestsPerSecond: 2 });
});

test('a server that is away interrupts once', () => {
  const history = new History();
  history.add(at(0, 0, [0, 0, 0, 0]));
  history.add(at(2, 2, [2, 0, 0, 0]));
  history.interrupt();
  history.interrupt();
  expect(history.samples('spam').filter(one => one === null)).toHaveLength(1);
});

test('a signature that is new since the last look counts', () => {
  const history = new History();
  history.add(overview({ models: [model({ versions: [] })] }));
  const counted = signature({ since: 101, requests: 6 });
  const versions = [version({ signatures: [counted] })];
  history.add(overview({ time: 1002, uptime: 102, models: [model({ versions })] }));
  expect(history.recent('spam')!.requestsPerSecond).toBe(3);
});

test('a signature that was there before anybody looked does not count', () => {
  const history = new History();
  history.add(overview({ models: [model({ versions: [] })] }));
  const versions = [version({ signatures: [signature({ since: 5, requests: 600 })] })];
  history.add(overview({ time: 1002, uptime: 102, models: [model({ versions })] }));
  expect(history.recent('spam')!.requestsPerSecond).toBe(0);
});

test('only the last hour is kept, and it says since when', () => {
  const history = new History();
  for (let minute = 0; minute <= 90; minute += 1) {
    history.add(at(60 * minute, minute, [minute, 0, 0, 0]));
  }
  const samples = history.samples('spam');
  expect(samples[0]!.time).toBe(1000 + 60 * 30);
  expect(history.since).toBe(1000 + 60 * 30);
  expect(history.models).toEqual(['spam']);
});

test('a model that has gone is forgotten after an hour', () => {
  const history = new History();
  history.add(at(0, 1, [1, 0, 0, 0]));
  history.add(at(2, 1, [1, 0, 0, 0]));
  history.add(overview({ time: 1010, uptime: 110, models: [] }));
  expect(history.models).toEqual(['spam']);
  history.add(overview({ time: 9000, uptime: 8100, models: [] }));
  expect(history.models).toEqual([]);
});
