import {
  breaksOf,
  chartData,
  highestOf,
  lastOf,
  sampleAt,
  versionsOf,
  within
} from '../src/charts/chartData';
import { csvOf } from '../src/charts/csv';
import { chartsOf } from '../src/charts/lines';
import { sparkPoints } from '../src/panel/sparkPoints';
import type { Sample } from '../src/server/sample';
import { trans } from './bundle';

const rate = (one: Sample) => one.requestsPerSecond;

function sample(time: number, requestsPerSecond: number, seconds = 2): Sample {
  return {
    time,
    seconds,
    requestsPerSecond,
    errorsPerSecond: 0,
    p50: requestsPerSecond || null,
    p95: null,
    p99: null,
    rowsARun: null,
    waitMillis: null,
    byVersion: { 1: requestsPerSecond },
    queued: 0,
    inFlight: 0
  };
}

test('a line begins where its first stretch of time does', () => {
  const [times, rates] = chartData([sample(100, 1), sample(102, 3)], [rate]);
  expect(times).toEqual([98, 100, 102]);
  expect(rates).toEqual([1, 1, 3]);
});

test('a line ends where nothing is known', () => {
  const samples = [sample(100, 1), null, sample(110, 2)];
  const [times, rates] = chartData(samples, [rate]);
  expect(rates).toEqual([1, 1, null, 2, 2]);
  expect(times).toEqual([...times].sort((one, other) => one - other));
  expect(times.at(-1)).toBe(110);
});

test('times grow although a stretch is longer than the gap before it', () => {
  const [times] = chartData([sample(100, 1), null, sample(101, 2, 60)], [one => one.p50]);
  expect(new Set(times).size).toBe(times.length);
  expect(times).toEqual([...times].sort((one, other) => one - other));
});

test('the words beside a chart tell of what is known', () => {
  const samples = [sample(100, 5), sample(102, 0), null];
  expect(lastOf(samples, rate)).toBe(0);
  expect(lastOf(samples, one => one.p50)).toBe(5);
  expect(lastOf(samples, one => one.p99)).toBeNull();
  expect(highestOf(samples, rate)).toBe(5);
  expect(highestOf([], one => one.p50)).toBeNull();
});

test('a sparkline ends at the right and reaches the top', () => {
  expect(sparkPoints([])).toBe('');
  expect(sparkPoints([sample(100, 0), sample(160, 4)])).toBe('32.0,15.0 64.0,1.0');
});

test('a span shows what ended in it, and a break at its beginning is none', () => {
  const samples = [sample(100, 1), null, sample(110, 2), null, sample(120, 3)];
  expect(within(samples, [100, 120])).toEqual(samples.slice(2));
  expect(within(samples, [90, 111])).toEqual(samples.slice(0, 4));
  expect(within(samples, [200, 300])).toEqual([]);
  expect(breaksOf(samples)).toEqual([108, 118]);
  expect(breaksOf([sample(100, 1), null])).toEqual([]);
});

test('what is pointed at is the stretch of time that a time is in', () => {
  const samples = [sample(100, 1, 10), null, sample(120, 2, 10)];
  expect(sampleAt(samples, 95)?.time).toBe(100);
  expect(sampleAt(samples, 100)?.time).toBe(100);
  expect(sampleAt(samples, 105)).toBeNull();
  expect(sampleAt(samples, 130)).toBeNull();
});

test('versions are told apart where there are several', () => {
  const rollout = { ...sample(110, 2), byVersion: { 9: 1.5, 10: 0.5 } };
  const samples = [sample(100, 1), null, rollout];
  expect(versionsOf(samples)).toEqual(['10', '9', '1']);
  const charts = chartsOf(trans, versionsOf(samples), true);
  expect(charts.map(one => one.title)).toContain('Throughput by version');
  const [newest] = charts[2]!.lines;
  expect(newest!.name).toBe('version 10');
  expect([newest!.measure(sample(100, 1)), newest!.measure(rollout)]).toEqual([0, 0.5]);
  const titles = chartsOf(trans, ['1'], false).map(one => one.title);
  expect(titles).toEqual(['Latency', 'Throughput', 'Batch sizes']);
});

test('the numbers as CSV', () => {
  const charts = chartsOf(trans, ['1', '2'], true);
  const csv = csvOf([sample(100, 1 / 3, 10), null, sample(120, 0, 10)], charts);
  expect(csv.split('\n')).toEqual([
    'time,seconds,p50_ms,p95_ms,p99_ms,requests_per_second,errors_per_second,' +
      'requests_per_second_version_1,requests_per_second_version_2,rows_per_run,queued,in_flight',
    '1970-01-01T00:01:40.000Z,10,0.3333,,,0.3333,0,0.3333,0,,0,0',
    ',,,,,,,,,,,',
    '1970-01-01T00:02:00.000Z,10,,,,0,0,0,0,,0,0',
    ''
  ]);
});
