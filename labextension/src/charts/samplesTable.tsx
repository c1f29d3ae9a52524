import type { ReactElement } from 'react';

import type { Break, Sample } from '../server/sample';
import { clock, shortNumber } from '../text/figures';
import { useTrans } from '../text/translation';
import { Chart, wordsOf } from './lines';

interface Properties {
  readonly charts: readonly Chart[];
  readonly samples: readonly (Sample | Break)[];
}

/** The numbers of the charts, the newest first. */
export function SamplesTable({ charts, samples }: Properties): ReactElement {
  const trans = useTrans();
  const busy = samples.filter(one => one !== null).filter(isBusy);
  const lines = charts.flatMap(chart => chart.lines);
  return (
    <div
      className="jp-Tfs-samples"
      role="region"
      tabIndex={0}
      aria-label={trans.__('The numbers of the charts')}
    >
      <table>
        <caption>
          {busy.length
            ? trans.__('Times in which nothing was asked are left out.')
            : trans.__('No requests in this time')}
        </caption>
        <thead>
          <tr>
            <th scope="col" rowSpan={2}>
              {trans.__('Until')}
            </th>
            <th scope="col" rowSpan={2}>
              {trans.__('Seconds')}
            </th>
            {charts.map(chart => (
              <th key={chart.title} scope="colgroup" colSpan={chart.lines.length}>
                {chart.title} <span className="jp-Tfs-soft">{chart.unit}</span>
              </th>
            ))}
          </tr>
          <tr>
            {lines.map(line => (
              <th key={line.column} scope="col">
                {line.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {busy.reverse().map(sample => (
            <tr key={sample.time}>
              <th scope="row">{clock(sample.time)}</th>
              <td>{shortNumber(sample.seconds)}</td>
              {lines.map(line => (
                <td key={line.column}>{wordsOf(line, line.measure(sample))}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isBusy(sample: Sample): boolean {
  const { requestsPerSecond, queued, inFlight } = sample;
  return requestsPerSecond > 0 || queued > 0 || inFlight > 0;
}
