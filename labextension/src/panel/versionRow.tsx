import { ellipsesIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { MouseEvent, ReactElement } from 'react';

import type { Model, Version } from '../api/answers';
import { IconButton } from '../iconButton';
import { labelsOf } from '../server/health';
import { Note } from '../text/note';
import { StateMark } from '../text/stateMark';
import { lookOfVersion } from '../text/states';
import { useTrans } from '../text/translation';
import { openMenuAt, openMenuBelow } from './menus';
import { versionItems } from './modelItems';

interface Properties {
  readonly model: Model;
  readonly version: Version;
  readonly commands: CommandRegistry;
}

/** A version with its state, its labels, and why it failed. */
export function VersionRow({ model, version, commands }: Properties): ReactElement {
  const trans = useTrans();
  const look = lookOfVersion(version.state, version.error !== null, trans);
  const isPinned = model.pin?.versions.includes(Number(version.version)) ?? false;
  const items = () => versionItems(model, version.version);
  const openContextMenu = (event: MouseEvent) => {
    event.preventDefault();
    event.stopPropagation();
    openMenuAt(commands, items(), event.clientX, event.clientY);
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
        {isPinned && <span className="jp-Tfs-label">{trans.__('pinned')}</span>}
        {labelsOf(model, version.version).map(label => (
          <span key={label} className="jp-Tfs-label">
            {label}
          </span>
        ))}
        <span className="jp-Tfs-spacer" />
        <IconButton
          icon={ellipsesIcon}
          label={trans.__('Actions for version %1 of %2', version.version, model.name)}
          opensMenu
          onClick={event => openMenuBelow(commands, items(), event.currentTarget)}
        />
      </div>
      {version.error !== null && <Note text={version.error} tone="bad" role="alert" />}
    </li>
  );
}
