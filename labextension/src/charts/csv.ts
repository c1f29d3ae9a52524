import type { Break, Sample } from '../server/sample';
import type { Chart } from './lines';

/** The numbers of the charts, a stretch of time a line; a break is a line without numbers. */
export function csvOf(
  samples: readonly (Sample | Break)[],
  charts: readonly Chart[]
): string {
  const lines = charts.flatMap(chart => chart.lines);
  const head = ['time', 'seconds', ...lines.map(line => line.column)];
  const rows = samples.map(sample =>
    sample === null
      ? head.map(() => '')
      : [
          new Date(sample.time * 1000).toISOString(),
          rounded(sample.seconds),
          ...lines.map(line => rounded(line.measure(sample)))
        ]
  );
  return [head, ...rows].map(row => row.join(',') + '\n').join('');
}

function rounded(value: number | null): string {
  return value === null ? '' : String(Number(value.toFixed(4)));
}
