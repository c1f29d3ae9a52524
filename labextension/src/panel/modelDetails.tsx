import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';

import type { Model, Version } from '../api/answers';
import { shownVersions } from '../server/health';
import type { Recent } from '../server/history';
import {
  UNKNOWN,
  bytes,
  clock,
  count,
  duration,
  millis,
  percent,
  shortNumber
} from '../text/figures';
import { kindsText, stepText } from '../text/kinds';
import { StateMark } from '../text/stateMark';
import { lookOfVersion } from '../text/states';
import { useTrans } from '../text/translation';
import { TrafficDetails } from './trafficView';

interface Properties {
  readonly model: Model;
  readonly recent: Recent | null;
}

/** Batches, memory, where it lies, and how its versions came to be so. */
export function ModelDetails({ model, recent }: Properties): ReactElement {
  const trans = useTrans();
  return (
    <details className="jp-Tfs-details">
      <summary>{trans.__('Details')}</summary>
      <dl className="jp-Tfs-facts">
        {facts(model, recent).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <TrafficDetails traffic={model.traffic} />
      {shownVersions(model).map(version => (
        <Changes key={version.version} version={version} />
      ))}
    </details>
  );

  function facts(one: Model, lately: Recent | null): [string, string][] {
    const signatures = one.versions.flatMap(version => version.signatures);
    const requests = signatures.reduce((sum, each) => sum + each.requests, 0);
    const errors = signatures.reduce((sum, each) => sum + each.errors, 0);
    const queued = signatures.reduce((sum, each) => sum + each.queued, 0);
    const told: [string, string][] = [
      [trans.__('requests'), count(requests)],
      [trans.__('failed'), count(errors)],
      [trans.__('lies in'), one.base_path],
      [trans.__('serves'), shownPolicy(one.version_policy, trans)]
    ];
    const kinds = kindsText(shownVersions(one), trans);
    if (kinds) {
      told.push([trans.__('kind'), kinds]);
    }
    const steps = shownVersions(one).find(version => version.steps)?.steps;
    if (steps) {
      told.push([trans.__('asks'), steps.map(step => stepText(step, trans)).join(', ')]);
    }
    if (one.batching) {
      const rows = lately?.rowsARun ?? null;
      const padding = lately?.padding ?? null;
      told.push(
        [trans.__('rows/run'), rows === null ? UNKNOWN : shortNumber(rows)],
        [trans.__('wait for a batch'), `${millis(lately?.waitMillis ?? null)} ms`],
        [trans.__('padding'), padding === null ? UNKNOWN : percent(padding)],
        [trans.__('queued'), count(queued)]
      );
    } else {
      told.push([trans.__('batches'), trans.__('requests are not put together')]);
    }
    for (const version of one.versions) {
      if (version.loaded?.estimated_bytes !== null && version.loaded) {
        told.push([
          trans.__('memory of %1', version.version),
          trans.__('at most %1', bytes(version.loaded.estimated_bytes))
        ]);
      }
    }
    return told;
  }
}

function shownPolicy(policy: Model['version_policy'], trans: TranslationBundle): string {
  if (Array.isArray(policy)) {
    return trans.__('versions %1', policy.map(String).join(', '));
  }
  const [kind, number] = String(policy).split(':');
  if (kind === 'all') {
    return trans.__('all versions');
  }
  return number === undefined || number === '1'
    ? trans.__('the newest version')
    : trans.__('the %1 newest versions', number);
}

function Changes({ version }: { readonly version: Version }): ReactElement {
  const trans = useTrans();
  const loaded = version.loaded;
  return (
    <>
      <h3>
        {loaded
          ? trans.__('Version %1, loaded in %2', version.version, duration(loaded.seconds))
          : trans.__('Version %1', version.version)}
      </h3>
      <ol className="jp-Tfs-changes">
        {[...version.history].reverse().map(change => (
          <li key={`${change.time} ${change.state}`}>
            <time>{clock(change.time)}</time>{' '}
            <StateMark look={lookOfVersion(change.state, change.error !== null, trans)} />
          </li>
        ))}
      </ol>
    </>
  );
}
