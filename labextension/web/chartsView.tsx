import type { ReactElement } from 'react';

import { Charts } from '../src/charts/charts';
import { useTrans } from '../src/text/translation';
import { usePage } from './page';

/** Latency, throughput, batches and queue of the last hour. */
export function ChartsView(): ReactElement {
  const trans = useTrans();
  const { page } = usePage();
  return (
    <section className="jp-TfsCharts" aria-label={trans.__('Charts')}>
      <h2>{trans.__('Charts')}</h2>
      <Charts servers={page.servers} choice={page.choice} state={page.charts} />
    </section>
  );
}
