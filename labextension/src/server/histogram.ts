/**
 * What a quantile of a histogram is, between the bounds of its bucket; null if it is empty.
 *
 * `counts` has one more element than `bounds`: what lies above all of them.
 */
export function quantile(
  counts: readonly number[],
  bounds: readonly number[],
  share: number
): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) {
    return null;
  }
  const wanted = share * total;
  let below = 0;
  for (const [place, count] of counts.entries()) {
    if (count > 0 && below + count >= wanted) {
      const lower = place === 0 ? 0 : (bounds[place - 1] ?? 0);
      const upper = bounds[place] ?? lower;
      return lower + (upper - lower) * ((wanted - below) / count);
    }
    below += count;
  }
  return bounds[bounds.length - 1] ?? null;
}

/** Adds up counts of the same bounds. */
export function sum(one: readonly number[], other: readonly number[]): number[] {
  const longer = one.length >= other.length ? one : other;
  return longer.map((_, place) => (one[place] ?? 0) + (other[place] ?? 0));
}

/** What was counted since; counters only grow. */
export function grown(now: readonly number[], before: readonly number[]): number[] {
  return now.map((count, place) => Math.max(0, count - (before[place] ?? 0)));
}
