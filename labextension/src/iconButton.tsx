import type { MouseEvent, ReactElement } from 'react';

import type { Glyph } from './text/glyphs';

interface Properties {
  readonly icon: Glyph;
  readonly label: string;
  readonly onClick: (event: MouseEvent<HTMLButtonElement>) => void;
  readonly isDisabled?: boolean;
  readonly opensMenu?: boolean;
}

/** A button with an icon; its label is read out, and shown when it is pointed at. */
export function IconButton({
  icon,
  label,
  onClick,
  isDisabled = false,
  opensMenu = false
}: Properties): ReactElement {
  return (
    <button
      type="button"
      className="jp-Tfs-iconButton"
      title={label}
      aria-label={label}
      aria-haspopup={opensMenu ? 'menu' : undefined}
      disabled={isDisabled}
      onClick={onClick}
    >
      <icon.react tag="span" elementSize="normal" />
    </button>
  );
}
