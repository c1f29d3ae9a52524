import type { Break, Sample } from '../server/sample';

/** A number of a sample; null where there is none. */
export type Measure = (sample: Sample) => number | null;

/** Times, and below them the values of each line; null where there is none. */
export type Columns = [number[], ...(number | null)[][]];

/** A line ends where nothing is known of the server. */
export function chartData(
  samples: readonly (Sample | Break)[],
  measures: readonly Measure[]
): Columns {
  const times: number[] = [];
  const values = measures.map((): (number | null)[] => []);
  const push = (time: number, sample: Sample | Break) => {
    times.push(time);
    measures.forEach((measure, place) =>
      values[place]?.push(sample === null ? null : measure(sample))
    );
  };
  for (const sample of samples) {
    const last = times[times.length - 1];
    if (sample === null) {
      if (last !== undefined) {
        push(last + 1e-3, null);
      }
      continue;
    }
    if (last === undefined || values.every(column => column[column.length - 1] === null)) {
      // A stretch of time begins before the sample that ends it.
      push(Math.max(sample.time - sample.seconds, (last ?? 0) + 1e-3), sample);
    }
    push(sample.time, sample);
  }
  return [times, ...values];
}

/** What happened between two times; a break at the beginning is none. */
export function within(
  samples: readonly (Sample | Break)[],
  [begin, end]: readonly [number, number]
): (Sample | Break)[] {
  const first = samples.findIndex(one => one !== null && one.time > begin);
  return first < 0
    ? []
    : samples.slice(first).filter(one => one === null || one.time <= end);
}

/** The times at which a server was away, or was started again. */
export function breaksOf(samples: readonly (Sample | Break)[]): number[] {
  return samples.flatMap((sample, place) => {
    const after = samples[place + 1];
    return sample === null && after ? [after.time - after.seconds] : [];
  });
}

/** The sample whose stretch of time a time is in. */
export function sampleAt(
  samples: readonly (Sample | Break)[],
  time: number
): Sample | null {
  const found = samples.find(one => one !== null && time <= one.time);
  return found && time > found.time - found.seconds ? found : null;
}

/** The last value of a measure that is known. */
export function lastOf(
  samples: readonly (Sample | Break)[],
  measure: Measure
): number | null {
  for (let place = samples.length - 1; place >= 0; place -= 1) {
    const sample = samples[place];
    const value = sample ? measure(sample) : null;
    if (value !== null) {
      return value;
    }
  }
  return null;
}

/** The highest value of a measure. */
export function highestOf(
  samples: readonly (Sample | Break)[],
  measure: Measure
): number | null {
  const known = samples
    .map(sample => (sample ? measure(sample) : null))
    .filter(value => value !== null);
  return known.length ? Math.max(...known) : null;
}

/** The versions that were asked, the newest first. */
export function versionsOf(samples: readonly (Sample | Break)[]): string[] {
  const found = new Set(samples.flatMap(one => (one ? Object.keys(one.byVersion) : [])));
  found.delete('');
  return [...found].sort((one, other) => Number(other) - Number(one));
}
