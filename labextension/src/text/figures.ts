/** What is shown for what is not known. */
export const UNKNOWN = '–';

/** So many a second. */
export function rate(value: number | null): string {
  return value === null ? UNKNOWN : shortNumber(value);
}

/** Milliseconds. */
export function millis(value: number | null): string {
  return value === null ? UNKNOWN : shortNumber(value);
}

/** A share as percent, with a digit where it is small. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** A share as percent, as it is said: `95 %`, `33.3 %`. */
export function share(value: number): string {
  const percents = value * 100;
  if (percents > 0 && percents < 0.1) {
    return '< 0.1 %';
  }
  // What is not all is not to look like all.
  const shown = value < 1 ? Math.min(percents, 99.9) : percents;
  return `${shown.toFixed(1).replace(/\.0$/, '')} %`;
}

/** A number with three digits or so. */
export function shortNumber(value: number): string {
  if (value === 0) {
    return '0';
  }
  if (value >= 10_000) {
    return `${(value / 1000).toFixed(value >= 100_000 ? 0 : 1)}k`;
  }
  if (value >= 100) {
    return value.toFixed(0);
  }
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** How many there are: whole, and short where they are many. */
export function count(value: number): string {
  return value < 10_000 ? String(value) : shortNumber(value);
}

/** Bytes in units that people read. */
export function bytes(value: number | null): string {
  if (value === null) {
    return UNKNOWN;
  }
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let left = value;
  let unit = 0;
  while (left >= 1000 && unit < units.length - 1) {
    left /= 1000;
    unit += 1;
  }
  return `${left.toFixed(unit === 0 || left >= 100 ? 0 : 1)} ${units[unit] ?? ''}`;
}

/** A stretch of time: `3 s`, `4 min`, `2 h 5 min`, `3 d 2 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) {
    return `${whole} s`;
  }
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  }
  return hours % 24 ? `${Math.floor(hours / 24)} d ${hours % 24} h` : `${hours / 24} d`;
}

/** The time of day. */
export function clock(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour12: false });
}
