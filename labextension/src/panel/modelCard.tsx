import type { MouseEvent, ReactElement } from 'react';

import type { Model } from '../api/answers';
import { CommandIDs, Commands } from '../commands';
import { IconButton } from '../iconButton';
import type { Break, Recent, Sample } from '../server/history';
import { millis, rate } from '../text/figures';
import { moreGlyph } from '../text/glyphs';
import { kindText, unusualKind } from '../text/kinds';
import { Note } from '../text/note';
import { useTrans } from '../text/translation';
import { placeBelow, useMenu } from './menu';
import { modelItems } from './modelItems';
import { ModelDetails } from './modelDetails';
import { Sparkline } from './sparkline';
import { RolloutLine } from './trafficView';
import { VersionList } from './versionList';
import { VersionRow } from './versionRow';

interface Properties {
  readonly model: Model;
  readonly samples: readonly (Sample | Break)[];
  readonly recent: Recent | null;
  readonly commands: Commands;
}

/** One model with its versions. */
export function ModelCard({ model, samples, recent, commands }: Properties): ReactElement {
  const trans = useTrans();
  const openMenu = useMenu();
  const items = () => modelItems(model);
  const kind = unusualKind(model);
  const openContextMenu = (event: MouseEvent) => {
    event.preventDefault();
    event.stopPropagation();
    openMenu(items(), event.clientX, event.clientY);
  };
  return (
    <li className="jp-Tfs-card" data-model={model.name} onContextMenu={openContextMenu}>
      <div className="jp-Tfs-bar">
        <button
          type="button"
          className="jp-Tfs-name"
          title={trans.__('Try %1 in the test console', model.name)}
          onClick={() =>
            void commands.execute(CommandIDs.openConsole, { model: model.name })
          }
        >
          {model.name}
        </button>
        {kind !== null && <span className="jp-Tfs-kind">{kindText(kind, trans)}</span>}
        <span className="jp-Tfs-spacer" />
        <Sparkline samples={samples} />
        <IconButton
          icon={moreGlyph}
          label={trans.__('Actions for %1', model.name)}
          opensMenu
          onClick={event => openMenu(items(), ...placeBelow(event.currentTarget))}
        />
      </div>
      <Numbers recent={recent} />
      {model.waiting_for && <Note text={model.waiting_for} tone="busy" role="status" />}
      <RolloutLine traffic={model.traffic} />
      <VersionList model={model}>
        {version => <VersionRow key={version.version} model={model} version={version} />}
      </VersionList>
      <ModelDetails model={model} recent={recent} />
    </li>
  );
}

/** Traffic and latency of the last half minute. */
export function Numbers({ recent }: { readonly recent: Recent | null }): ReactElement {
  const trans = useTrans();
  const errors = recent?.errorsPerSecond ?? 0;
  return (
    <p className="jp-Tfs-numbers" title={trans.__('Of the last half minute')}>
      <span>{trans.__('%1 req/s', rate(recent?.requestsPerSecond ?? null))}</span>
      {errors > 0 && (
        <span className="jp-Tfs-state jp-mod-bad">
          {trans.__('%1 failed/s', rate(errors))}
        </span>
      )}
      <span>{trans.__('p50 %1 ms', millis(recent?.p50 ?? null))}</span>
      <span>{trans.__('p99 %1 ms', millis(recent?.p99 ?? null))}</span>
    </p>
  );
}
