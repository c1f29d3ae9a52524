import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Refused } from '../src/api/client';
import { History } from '../src/server/history';
import { MetricsReader, parseMetrics } from '../src/server/metrics';
import { Traffic } from '../src/server/traffic';

/** What a server tells after five predictions of two rows, one that failed, and a status. */
const PAGE = readFileSync(join(__dirname, 'pages/metrics.txt'), 'utf8');

/** The page after so many more predictions, each of which took as long as those on it. */
function later(more: number, page = PAGE): string {
  return page.replace(
    /^(.*API="predict".*|.*="OK".*|.*processed.*) (\d+)$/gm,
    (...line) => {
      const [, series, value] = line as unknown as [string, string, string];
      const grown = Number(value) * (1 + more / (series.includes('="OK"') ? 6 : 5));
      return `${series} ${Math.round(grown)}`;
    }
  );
}

test('lines are taken apart, and what is none is left out', () => {
  const page =
    '# TYPE a counter\na{x="1",y="q\\"\\\\\\n"} 3\nb{} 2.5e3\nc +Inf 1\nd NaN\n\nnot a line\n';
  expect(parseMetrics(page)).toEqual([
    { name: 'a', labels: { x: '1', y: 'q"\\\n' }, value: 3 },
    { name: 'b', labels: {}, value: 2500 },
    { name: 'c', labels: {}, value: Infinity }
  ]);
});

test('predictions count, and what only asks for a status does not', () => {
  const { models, bounds } = new MetricsReader().read(PAGE, 1, 1);
  const [{ name, versions }] = models as [(typeof models)[0]];
  const [counted] = versions[0]!.signatures;
  expect(name).toBe('half');
  expect([counted!.requests, counted!.errors]).toEqual([6, 1]);
  expect(bounds.micros).toHaveLength(33);
  expect(counted!.latency_micros.counts).toHaveLength(34);
  expect(counted!.latency_micros.counts.reduce((all, one) => all + one, 0)).toBe(5);
  expect([counted!.batches!.runs, counted!.batches!.rows]).toEqual([5, 10]);
});

test('batches of several models are those of none of them', () => {
  const page = PAGE + ':tensorflow:serving:request_count{model_name="b",status="OK"} 1\n';
  const { models } = new MetricsReader().read(page, 1, 1);
  expect(models.map(one => one.name)).toEqual(['b', 'half']);
  expect(models.map(one => one.versions[0]!.signatures[0]!.batches)).toEqual([null, null]);
});

test('what grows between two looks is a sample; a restart is a break', async () => {
  const pages = [PAGE, later(20), PAGE];
  const metrics = jest.fn(() => Promise.resolve(pages.shift()!));
  let now = 1000;
  const client = { metrics, history: jest.fn() };
  const traffic = new Traffic(
    client,
    new History(),
    () => now,
    () => now
  );
  for (let look = 0; look < 3; look += 1) {
    await traffic.refresh('half', 'serving');
    now += 5;
  }
  expect(client.history).not.toHaveBeenCalled();
  const samples = traffic.samples('half');
  expect(samples).toMatchObject([
    { seconds: 5, requestsPerSecond: 4, errorsPerSecond: 0, rowsARun: 2 },
    null
  ]);
  expect(samples[0]!.p50).toBeGreaterThan(0);
  expect([traffic.source, traffic.models]).toEqual(['metrics', ['half']]);
});

test('a server without the page says so, and is asked again after a minute', async () => {
  const metrics = jest
    .fn<Promise<string>, []>()
    .mockRejectedValueOnce(new Refused(404, 'Error: not found'))
    .mockResolvedValue(PAGE);
  let uptime = 100;
  const client = { metrics, history: jest.fn() };
  const traffic = new Traffic(client, new History(), Date.now, () => uptime);
  await traffic.refresh('', 'serving');
  expect([traffic.source, traffic.samples('half')]).toEqual(['none', []]);
  await traffic.refresh('', 'serving');
  expect(metrics).toHaveBeenCalledTimes(1);
  uptime += 61;
  await traffic.refresh('', 'serving');
  expect(traffic.source).toBe('metrics');
});
