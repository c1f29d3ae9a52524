import type { ReactElement } from 'react';

import type { Break, Sample } from '../server/history';
import { rate } from '../text/figures';
import { useTrans } from '../text/translation';
import { HEIGHT, WIDTH, sparkPoints } from './sparkPoints';

/** Requests a second in the last two minutes. */
export function Sparkline({
  samples
}: {
  readonly samples: readonly (Sample | Break)[];
}): ReactElement {
  const trans = useTrans();
  const highest = Math.max(0, ...samples.map(one => one?.requestsPerSecond ?? 0));
  const told = trans.__(
    'Traffic of the last minutes, at most %1 requests a second',
    rate(highest)
  );
  return (
    <svg
      className="jp-Tfs-sparkline"
      role="img"
      aria-label={told}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
    >
      <title>{told}</title>
      <polyline points={sparkPoints(samples)} />
    </svg>
  );
}
