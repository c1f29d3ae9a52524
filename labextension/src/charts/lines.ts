import type { TranslationBundle } from '@jupyterlab/translation';

import { UNKNOWN, count, shortNumber } from '../text/figures';
import type { Measure } from './chartData';

/** One line of a chart: its colour is a variable of the theme, and its dashes tell it apart. */
export interface Line {
  readonly measure: Measure;
  readonly name: string;
  /** A value in words. */
  readonly words: (value: number) => string;
  /** As the column of a table of numbers is called by a program. */
  readonly column: string;
  readonly colour: string;
  readonly dash: readonly number[];
}

/** What one chart shows. */
export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
  /** What is said where there is nothing to show; a line at nought, if nothing is said. */
  readonly empty: string;
}

const SOLID: readonly number[] = [];
const DASHED = [6, 4];
const DOTTED = [2, 3];
const DASH_DOTTED = [8, 3, 2, 3];
const STYLES = [
  ['--jp-brand-color1', SOLID],
  ['--jp-warn-color1', DASHED],
  ['--jp-success-color1', DOTTED],
  ['--jp-error-color1', DASH_DOTTED]
] as const;

/** The charts of a model; with what several versions were asked where there were several. */
export function chartsOf(
  trans: TranslationBundle,
  versions: readonly string[],
  hasQueue: boolean
): Chart[] {
  const charts = [latency(trans), throughput(trans)];
  if (versions.length > 1) {
    charts.push(byVersion(trans, versions));
  }
  charts.push(batches(trans));
  if (hasQueue) {
    charts.push(queue(trans));
  }
  return charts;
}

function latency(trans: TranslationBundle): Chart {
  return {
    title: trans.__('Latency'),
    unit: 'ms',
    empty: trans.__('No requests in this time'),
    lines: [
      line('p50', 'p50_ms', one => one.p50, 0),
      line('p95', 'p95_ms', one => one.p95, 1),
      line('p99', 'p99_ms', one => one.p99, 3)
    ]
  };
}

function throughput(trans: TranslationBundle): Chart {
  return {
    title: trans.__('Throughput'),
    unit: trans.__('requests a second'),
    empty: trans.__('No requests in this time'),
    lines: [
      line(trans.__('all'), 'requests_per_second', one => one.requestsPerSecond, 0),
      line(trans.__('failed'), 'errors_per_second', one => one.errorsPerSecond, 3)
    ]
  };
}

/** Of the newest few. */
function byVersion(trans: TranslationBundle, versions: readonly string[]): Chart {
  return {
    title: trans.__('Throughput by version'),
    unit: trans.__('requests a second'),
    empty: trans.__('No requests in this time'),
    lines: versions
      .slice(0, STYLES.length)
      .map((version, place) =>
        line(
          trans.__('version %1', version),
          `requests_per_second_version_${version}`,
          one => one.byVersion[version] ?? 0,
          place
        )
      )
  };
}

function batches(trans: TranslationBundle): Chart {
  return {
    title: trans.__('Batch sizes'),
    unit: trans.__('rows a run'),
    empty: trans.__('No batches in this time'),
    lines: [line(trans.__('mean'), 'rows_per_run', one => one.rowsARun, 0)]
  };
}

function queue(trans: TranslationBundle): Chart {
  return {
    title: trans.__('Queue'),
    unit: trans.__('requests'),
    empty: '',
    lines: [
      line(trans.__('in the queue'), 'queued', one => one.queued, 0, count),
      line(trans.__('under way'), 'in_flight', one => one.inFlight, 1, count)
    ]
  };
}

function line(
  name: string,
  column: string,
  measure: Measure,
  style: number,
  words = shortNumber
): Line {
  const [colour, dash] = STYLES[style] ?? STYLES[0];
  return { measure, name, words, column, colour, dash };
}

/** What a line is at, in words. */
export function wordsOf(line: Line, value: number | null): string {
  return value === null ? UNKNOWN : line.words(value);
}
