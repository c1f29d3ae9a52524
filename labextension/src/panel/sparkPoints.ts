import type { Break, Sample } from '../server/history';

/** Of the picture, in pixels. */
export const WIDTH = 64;
export const HEIGHT = 16;
const SECONDS = 120;

/** The points of the line, from left to right. */
export function sparkPoints(samples: readonly (Sample | Break)[]): string {
  const known = samples.filter(one => one !== null);
  const last = known[known.length - 1];
  if (!last) {
    return '';
  }
  const shown = known.filter(one => one.time > last.time - SECONDS);
  const highest = Math.max(1e-9, ...shown.map(one => one.requestsPerSecond));
  return shown
    .map(one => {
      const x = WIDTH * (1 - (last.time - one.time) / SECONDS);
      const y = HEIGHT - 1 - (HEIGHT - 2) * (one.requestsPerSecond / highest);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}
