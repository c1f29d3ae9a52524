import { ReactElement, useMemo, useState } from 'react';

import type { Break, Sample } from '../server/sample';
import { clock } from '../text/figures';
import { useTrans } from '../text/translation';
import { breaksOf, chartData, highestOf, lastOf, sampleAt } from './chartData';
import { Chart, Line, wordsOf } from './lines';
import { Plot } from './plot';

interface Properties {
  readonly charts: readonly Chart[];
  readonly samples: readonly (Sample | Break)[];
  readonly range: readonly [number, number];
  readonly theme: string;
}

/** The charts; where one is pointed at, all of them tell what was then. */
export function ChartGrid({ charts, ...shared }: Properties): ReactElement {
  const [pointed, point] = useState<number | null>(null);
  return (
    <div className="jp-Tfs-charts">
      {charts.map(chart => (
        <ChartView key={chart.title} {...{ chart, ...shared, pointed, point }} />
      ))}
    </div>
  );
}

interface ChartProperties extends Omit<Properties, 'charts'> {
  readonly chart: Chart;
  /** The time that is pointed at. */
  readonly pointed: number | null;
  readonly point: (time: number | null) => void;
}

function ChartView({
  chart,
  samples,
  range,
  theme,
  pointed,
  point
}: ChartProperties): ReactElement {
  const trans = useTrans();
  const columns = useMemo(
    () =>
      chartData(
        samples,
        chart.lines.map(line => line.measure)
      ),
    [samples, chart]
  );
  const told = chart.lines.map(line =>
    trans.__(
      '%1: now %2, at most %3',
      line.name,
      wordsOf(line, lastOf(samples, line.measure)),
      wordsOf(line, highestOf(samples, line.measure))
    )
  );
  const isEmpty = chart.lines.every(line => !highestOf(samples, line.measure));
  const then = pointed === null ? null : sampleAt(samples, pointed);
  return (
    <figure className="jp-Tfs-chart">
      <figcaption>
        <h3>{chart.title}</h3>
        <span className="jp-Tfs-soft">
          {chart.unit}
          {then && ` · ${clock(then.time - then.seconds)} – ${clock(then.time)}`}
        </span>
        <ul>
          {chart.lines.map(line => (
            <Legend key={line.column} line={line} samples={samples} then={then} />
          ))}
        </ul>
      </figcaption>
      <Plot
        chart={chart}
        columns={columns}
        breaks={breaksOf(samples)}
        range={range}
        told={`${chart.title}, ${chart.unit}: ${told.join('; ')}`}
        theme={theme}
        onPoint={point}
      >
        {isEmpty && chart.empty && <p className="jp-Tfs-empty">{chart.empty}</p>}
      </Plot>
    </figure>
  );
}

interface LegendProperties {
  readonly line: Line;
  readonly samples: readonly (Sample | Break)[];
  readonly then: Sample | null;
}

function Legend({ line, samples, then }: LegendProperties): ReactElement {
  const trans = useTrans();
  const value = then ? line.measure(then) : lastOf(samples, line.measure);
  const highest = highestOf(samples, line.measure);
  return (
    <li>
      <svg width="22" height="8" aria-hidden="true">
        <line
          x1="0"
          y1="4"
          x2="22"
          y2="4"
          style={{ stroke: `var(${line.colour})` }}
          strokeDasharray={line.dash.join(' ')}
        />
      </svg>{' '}
      {line.name} <b>{wordsOf(line, value)}</b>{' '}
      <span className="jp-Tfs-soft">
        {highest !== null && trans.__('at most %1', wordsOf(line, highest))}
      </span>
    </li>
  );
}
