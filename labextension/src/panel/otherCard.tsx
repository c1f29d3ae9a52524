import { closeIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import { CommandIDs } from '../commands';
import { IconButton } from '../iconButton';
import { ShownModel, ShownVersion, labelsOf } from '../server/health';
import type { Break, Recent, Sample } from '../server/history';
import type { OtherModel } from '../server/otherWatch';
import { Note } from '../text/note';
import { StateMark } from '../text/stateMark';
import { lookOfVersion } from '../text/states';
import { useTrans } from '../text/translation';
import { Numbers } from './modelCard';
import { Sparkline } from './sparkline';
import { Share } from './trafficView';
import { VersionList } from './versionList';

interface Properties {
  readonly server: string;
  readonly model: OtherModel;
  /** Its traffic, where the server tells. */
  readonly numbers: {
    readonly samples: readonly (Sample | Break)[];
    readonly recent: Recent | null;
  } | null;
  /** Watch it no more; null where nobody has named it. */
  readonly onRemove: (() => void) | null;
  readonly commands: CommandRegistry;
}

/** One model of another server. */
export function OtherCard(properties: Properties): ReactElement {
  const { server, model, numbers, onRemove, commands } = properties;
  const trans = useTrans();
  return (
    <li className="jp-Tfs-card" data-model={model.name}>
      <div className="jp-Tfs-bar">
        <button
          type="button"
          className="jp-Tfs-name"
          title={trans.__('Try %1 in the test console', model.name)}
          onClick={() =>
            void commands.execute(CommandIDs.openConsole, { server, model: model.name })
          }
        >
          {model.name}
        </button>
        <span className="jp-Tfs-spacer" />
        {numbers && <Sparkline samples={numbers.samples} />}
        {onRemove && (
          <IconButton
            icon={closeIcon}
            label={trans.__('Watch %1 no more', model.name)}
            onClick={onRemove}
          />
        )}
      </div>
      {numbers && <Numbers recent={numbers.recent} />}
      {model.problem !== undefined && <Note text={model.problem} tone="bad" role="alert" />}
      <VersionList model={model}>
        {version => <VersionLine key={version.version} model={model} version={version} />}
      </VersionList>
    </li>
  );
}

interface VersionProperties {
  readonly model: ShownModel;
  readonly version: ShownVersion;
}

function VersionLine({ model, version }: VersionProperties): ReactElement {
  const trans = useTrans();
  return (
    <li className="jp-Tfs-version" data-version={version.version}>
      <div className="jp-Tfs-bar">
        <span className="jp-Tfs-number">{version.version}</span>
        <span aria-live="polite">
          <StateMark look={lookOfVersion(version.state, version.error !== null, trans)} />
        </span>
        <Share value={version.share} />
        {labelsOf(model, version.version).map(label => (
          <span key={label} className="jp-Tfs-label">
            {label}
          </span>
        ))}
      </div>
      {version.error !== null && <Note text={version.error} tone="bad" role="alert" />}
    </li>
  );
}
