import { ReactElement, useState } from 'react';

import type { Tone } from './states';
import { useTrans } from './translation';

/** Longer texts are shown in part. */
const MOST = 320;
const SHOWN = 240;

interface Properties {
  readonly text: string;
  readonly tone: Tone;
  /** How urgently it is read out. */
  readonly role: 'alert' | 'status' | undefined;
}

/** A reason; all of a long one is shown when it is asked for. */
export function Note({ text, tone, role }: Properties): ReactElement {
  const trans = useTrans();
  const [isOpen, setOpen] = useState(false);
  const isLong = text.length > MOST;
  return (
    <div className={`jp-Tfs-note jp-mod-${tone}`}>
      <p role={role}>{isLong && !isOpen ? `${text.slice(0, SHOWN)} …` : text}</p>
      {isLong && (
        <button
          type="button"
          className="jp-Tfs-more"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? trans.__('Show less') : trans.__('Show all of it')}
        </button>
      )}
    </div>
  );
}
