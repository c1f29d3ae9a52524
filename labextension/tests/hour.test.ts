import type { ModelHistory, Step, StepCounts } from '../src/api/answers';
import { Refused } from '../src/api/client';
import { History } from '../src/server/history';
import { Hour } from '../src/server/hour';
import { Traffic } from '../src/server/traffic';
import { MICROS, overview } from './overviews';

const WALL = 1_000_000;

function counts(requests: number, changes: Partial<StepCounts> = {}): StepCounts {
  return {
    requests,
    errors: 0,
    in_flight: 0,
    queued: 0,
    latency_micros: { total: requests * 1500, counts: [0, requests] },
    runs: 0,
    rows: 0,
    padding_rows: 0,
    waits: 0,
    wait_micros: 0,
    ...changes
  };
}

function step(number: number, requests = 0, changes: Partial<Step> = {}): Step {
  const versions: Step['versions'] = requests ? { 1: counts(requests) } : {};
  return { number, time: WALL + 10 * (number + 1), seconds: 10, versions, ...changes };
}

function answer(
  steps: Step[],
  { run = 'one', current }: { run?: string; current?: Step } = {}
): ModelHistory {
  const next = (steps.at(-1)?.number ?? -1) + 1;
  const end = WALL + 10 * next;
  const begun = { number: next, time: end + 1, seconds: 1, versions: {} };
  return {
    model: 'spam',
    run,
    time: (current ?? begun).time,
    next,
    bounds: { micros: MICROS },
    steps,
    current: current ?? begun,
    models: ['spam']
  };
}

test('steps are told by the second, and what is idle is nought', () => {
  const hour = new Hour();
  hour.add(answer([step(0, 20), step(1)]));
  expect(hour.samples).toMatchObject([
    { time: WALL + 10, seconds: 10, requestsPerSecond: 2, p50: 1.5, byVersion: { 1: 2 } },
    { time: WALL + 20, requestsPerSecond: 0, p50: null, queued: 0, byVersion: {} }
  ]);
  expect([hour.next, hour.since]).toEqual([2, WALL]);
});

test('the step that goes on is shown once it tells something, until it has ended', () => {
  const hour = new Hour();
  const versions = { 1: counts(8) };
  const current = { number: 1, time: WALL + 14, seconds: 4, versions };
  hour.add(answer([step(0)], { current }));
  expect(hour.samples.map(one => one?.requestsPerSecond)).toEqual([0, 2]);
  hour.add(answer([step(1, 10)]));
  expect(hour.samples.map(one => one?.requestsPerSecond)).toEqual([0, 1]);
});

test('a step that is told twice counts once', () => {
  const hour = new Hour();
  hour.add(answer([step(0, 1), step(1, 1)]));
  hour.add(answer([step(1, 1), step(2, 1)]));
  expect(hour.samples.map(one => one?.time)).toEqual([WALL + 10, WALL + 20, WALL + 30]);
});

test('a clock that was set is a break', () => {
  const hour = new Hour();
  hour.add(answer([step(0), step(1, 0, { time: WALL + 3000 })]));
  expect(hour.samples.map(one => one?.time)).toEqual([WALL + 10, undefined, WALL + 3000]);
});

test('only an hour is kept', () => {
  const hour = new Hour();
  hour.add(answer(Array.from({ length: 361 }, (_, number) => step(number, 1))));
  hour.add(answer([step(400, 1)]));
  const samples = hour.samples;
  expect(samples[0]).toMatchObject({ time: WALL + 4010 - 3590 });
  expect(samples.at(-2)).toBeNull();
});

function served(client: object) {
  const seen = new History();
  return new Traffic(client as ConstructorParameters<typeof Traffic>[0], seen);
}

test('only new steps are asked for, and all of another run, after a break', async () => {
  const answers = [
    answer([step(0, 1), step(1, 1)]),
    answer([step(2, 1)]),
    answer([], { run: 'two' }),
    answer([step(0, 5, { time: WALL + 50 })], { run: 'two' })
  ];
  const history = jest.fn<Promise<ModelHistory>, [string, number]>(() =>
    Promise.resolve(answers.shift()!)
  );
  const traffic = served({ history });
  await traffic.refresh('spam', 'ours');
  await Promise.all([traffic.refresh('spam', 'ours'), traffic.refresh('spam', 'ours')]);
  expect(traffic.samples('spam')).toHaveLength(3);
  await traffic.refresh('spam', 'ours');
  expect(history.mock.calls.map(([, since]) => since)).toEqual([0, 2, 3, 0]);
  const shown = traffic.samples('spam').map(one => one && one.requestsPerSecond);
  expect(shown).toEqual([0.1, 0.1, 0.1, null, 0.5]);
  expect([traffic.source, traffic.since('spam'), traffic.models]).toEqual([
    'server',
    WALL,
    ['spam']
  ]);
});

test('what was known stays while the server does not answer', async () => {
  const history = jest
    .fn<Promise<ModelHistory>, []>()
    .mockResolvedValueOnce(answer([step(0, 1)]))
    .mockRejectedValue(new Refused(503, 'it is being started'));
  const traffic = served({ history });
  const changed = jest.fn();
  traffic.changed.connect(changed);
  await traffic.refresh('spam', 'ours');
  await traffic.refresh('spam', 'ours');
  expect(traffic.samples('spam')).toHaveLength(1);
  expect(changed).toHaveBeenCalledTimes(2);
});

test('of a server that keeps no hour, what the page has seen is shown', async () => {
  const history = jest.fn().mockRejectedValue(new Refused(404, 'there is nothing'));
  const seen = new History();
  const traffic = new Traffic({ history } as never, seen);
  seen.add(overview());
  seen.add(overview({ time: 1002, uptime: 102 }));
  await traffic.refresh('spam', 'ours');
  await traffic.refresh('spam', 'ours');
  expect(history).toHaveBeenCalledTimes(1);
  expect(traffic.source).toBe('page');
  expect(traffic.samples('spam')).toHaveLength(1);
  expect([traffic.since('spam'), traffic.until]).toEqual([1000, 1002]);
});
