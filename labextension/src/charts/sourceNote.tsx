import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';

import type { Break, Sample } from '../server/sample';
import type { Traffic } from '../server/traffic';
import { clock } from '../text/figures';
import { useTrans } from '../text/translation';

interface Properties {
  readonly traffic: Traffic;
  readonly model: string;
  readonly samples: readonly (Sample | Break)[];
}

/** Since when something is known, and what is not. */
export function SourceNote({ traffic, model, samples }: Properties): ReactElement {
  const trans = useTrans();
  return (
    <p className="jp-Tfs-soft jp-Tfs-chartsNote">
      {noteOf(traffic, model, trans)}{' '}
      {samples.includes(null) &&
        trans.__('An upright dashed line: the server was away, or was started again.')}
    </p>
  );
}

function noteOf(traffic: Traffic, model: string, trans: TranslationBundle): string {
  if (traffic.source === 'none') {
    return trans.__(
      'This TensorFlow Serving has no page of metrics. Start it with --monitoring_config_file, and "prometheus_config { enable: true }" in that file.'
    );
  }
  const since = traffic.since(model);
  if (since === null) {
    return trans.__('Nothing has been seen yet.');
  }
  switch (traffic.source) {
    case 'server':
      return trans.__('Kept by the server for an hour, here since %1.', clock(since));
    case 'metrics':
      return trans.__(
        'From the metrics of this TensorFlow Serving, read by this page since %1. It tells neither versions nor the queue, and batches only where it has one model.',
        clock(since)
      );
    case 'page':
      return trans.__(
        'Seen by this page since %1, for an hour at most. While neither charts nor side panel are shown, one step stands for all that time.',
        clock(since)
      );
  }
}
