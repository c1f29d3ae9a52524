import { ReactElement, useEffect, useMemo } from 'react';

import type { ServerChoice } from '../server/serverChoice';
import { AnyServer, Servers, isOwn } from '../server/servers';
import type { Kind, Traffic } from '../server/traffic';
import { useTrans } from '../text/translation';
import { useChanging, useSeen } from '../changing';
import { versionsOf, within } from './chartData';
import { ChartGrid } from './chartGrid';
import { ChartsHead } from './chartsHead';
import { ChartsState, spanFor } from './chartsState';
import { chartsOf } from './lines';
import { SamplesTable } from './samplesTable';
import { SourceNote } from './sourceNote';

interface Properties {
  readonly servers: Servers;
  readonly choice: ServerChoice;
  readonly state: ChartsState;
}

/** Latency, throughput, batch sizes and queue of a model, over the last hour. */
export function Charts({ servers, choice, state }: Properties): ReactElement {
  const name = useChanging(choice, () => choice.name);
  const server = servers.find(name);
  return <ServerCharts key={name} {...{ servers, choice, state, server }} />;
}

function ServerCharts({
  server,
  servers,
  choice,
  state
}: Properties & { readonly server: AnyServer }): ReactElement {
  const trans = useTrans();
  const view = useChanging(state, () => state.view);
  const kind = useKind(server);
  const { traffic } = server.watch;
  const models = modelsOf(server);
  const model = view.model || (models[0] ?? '');
  useTraffic(traffic, model, kind, server.watch.seen);
  const until = traffic.until ?? Date.now() / 1000;
  const since = traffic.since(model) ?? until;
  const span = view.span ?? spanFor(until - since);
  const begin = until - span * 60;
  const range = [begin, until] as const;
  const samples = within(traffic.samples(model), range);
  const versions = versionsOf(samples).join();
  const hasQueue = kind !== 'serving';
  const charts = useMemo(
    () => chartsOf(trans, versions ? versions.split(',') : [], hasQueue),
    [trans, versions, hasQueue]
  );
  const shown = { charts, samples, range };
  return (
    <>
      <ChartsHead
        {...{ servers, choice, state, model, span, ...shown }}
        models={models.includes(model) || !model ? models : [model, ...models]}
      />
      <SourceNote traffic={traffic} model={model} samples={samples} />
      {view.isTable ? (
        <SamplesTable {...shown} />
      ) : (
        <ChartGrid {...shown} theme={view.theme} />
      )}
    </>
  );
}

/** Whether it is one of tfs_notebook; null while it does not answer. */
function useKind(server: AnyServer): Kind | null {
  const seen = useSeen<unknown>(server.watch);
  if (seen === null) {
    return null;
  }
  if (isOwn(server)) {
    return server.watch.seen.overview ? 'ours' : null;
  }
  return server.watch.seen.kind;
}

function modelsOf(server: AnyServer): string[] {
  const listed = server.watch.models?.map(one => one.name) ?? [];
  return [...new Set([...listed, ...server.watch.traffic.models])].sort();
}

/** Fetch what is new after each look at the server, and draw it when it is there. */
function useTraffic(
  traffic: Traffic,
  model: string,
  kind: Kind | null,
  seen: unknown
): void {
  useChanging(traffic, () => traffic.fetched);
  useEffect(() => {
    if (kind) {
      void traffic.refresh(model, kind);
    }
  }, [traffic, model, kind, seen]);
}
