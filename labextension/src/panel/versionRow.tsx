import type { MouseEvent, ReactElement } from 'react';

import type { Model, Version } from '../api/answers';
import { IconButton } from '../iconButton';
import { labelsOf } from '../server/health';
import { Note } from '../text/note';
import { StateMark } from '../text/stateMark';
import { lookOfVersion } from '../text/states';
import { moreGlyph } from '../text/glyphs';
import { useTrans } from '../text/translation';
import { placeBelow, useMenu } from './menu';
import { versionItems } from './modelItems';
import { Share } from './trafficView';

interface Properties {
  readonly model: Model;
  readonly version: Version;
}

/** A version with its state, its labels, and why it failed. */
export function VersionRow({ model, version }: Properties): ReactElement {
  const trans = useTrans();
  const openMenu = useMenu();
  const look = lookOfVersion(version.state, version.error !== null, trans);
  const isPinned = model.pin?.versions.includes(Number(version.version)) ?? false;
  const items = () => versionItems(model, version.version);
  const openContextMenu = (event: MouseEvent) => {
    event.preventDefault();
    event.stopPropagation();
    openMenu(items(), event.clientX, event.clientY);
  };
  return (
    <li
      className="jp-Tfs-version"
      data-version={version.version}
      onContextMenu={openContextMenu}
    >
      <div className="jp-Tfs-bar">
        <span className="jp-Tfs-number">{version.version}</span>
        <span aria-live="polite">
          <StateMark look={look} />
        </span>
        <Share value={version.share} />
        {isPinned && <span className="jp-Tfs-label">{trans.__('pinned')}</span>}
        {labelsOf(model, version.version).map(label => (
          <span key={label} className="jp-Tfs-label">
            {label}
          </span>
        ))}
        <span className="jp-Tfs-spacer" />
        <IconButton
          icon={moreGlyph}
          label={trans.__('Actions for version %1 of %2', version.version, model.name)}
          opensMenu
          onClick={event => openMenu(items(), ...placeBelow(event.currentTarget))}
        />
      </div>
      {version.error !== null && <Note text={version.error} tone="bad" role="alert" />}
    </li>
  );
}
