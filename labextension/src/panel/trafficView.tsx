import type { ReactElement } from 'react';

import type { ModelTraffic } from '../api/answers';
import { share } from '../text/figures';
import { Note } from '../text/note';
import { StateMark } from '../text/stateMark';
import { isUnderWay, lookOfRollout, trafficFacts } from '../text/trafficTexts';
import { useTrans } from '../text/translation';

/** What part of the requests a version gets, where weights say so. */
export function Share({
  value
}: {
  readonly value: number | null | undefined;
}): ReactElement | null {
  const trans = useTrans();
  if (value === null || value === undefined) {
    return null;
  }
  return (
    <span
      className="jp-Tfs-share"
      title={trans.__('Of the requests that name neither version nor label')}
    >
      {trans.__('gets %1', share(value))}
    </span>
  );
}

interface Properties {
  readonly traffic: ModelTraffic | null;
}

/** A rollout that somebody may have to look after: one under way, or one that fell back. */
export function RolloutLine({ traffic }: Properties): ReactElement | null {
  const trans = useTrans();
  const rollout = traffic?.rollout;
  if (!rollout || !(isUnderWay(rollout) || rollout.phase === 'fallen_back')) {
    return null;
  }
  return (
    <>
      <p className="jp-Tfs-rollout" role="status">
        <StateMark look={lookOfRollout(rollout, trans)} />
      </p>
      {rollout.phase === 'fallen_back' && (
        <Note text={rollout.reason} tone="bad" role="alert" />
      )}
    </>
  );
}

/** Where requests go, copies and rollout, in words. */
export function TrafficDetails({ traffic }: Properties): ReactElement | null {
  const trans = useTrans();
  if (!traffic) {
    return null;
  }
  return (
    <>
      <h3>{trans.__('Traffic')}</h3>
      <dl className="jp-Tfs-facts">
        {trafficFacts(traffic, trans).map(([name, text], place) => (
          <div key={`${place} ${name}`}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
