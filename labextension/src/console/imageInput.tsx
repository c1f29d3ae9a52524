import { ReactElement, useRef, useState } from 'react';

import { useTrans } from '../text/translation';
import type { ConsoleState, ConsoleView } from './consoleState';

interface Properties {
  readonly view: ConsoleView;
  readonly state: ConsoleState;
  readonly dropHint: string;
}

/** Takes an image: chosen, or pasted; the whole console takes what is dropped. */
export function ImageInput({ view, state, dropHint }: Properties): ReactElement {
  const trans = useTrans();
  const [isOver, setOver] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const take = (given: File | null | undefined) => {
    if (given) {
      void state.takeFile(given.name, given);
    }
  };
  return (
    <div
      className={`jp-Tfs-drop${isOver ? ' jp-mod-over' : ''}`}
      onDragOver={() => setOver(true)}
      onDragLeave={() => setOver(false)}
      onDrop={() => setOver(false)}
      onPaste={event => take(event.clipboardData.files[0])}
    >
      {view.picture && (
        <img src={view.picture.url} alt={trans.__('The image that is judged')} />
      )}
      <div>
        {view.unreadable && (
          <p className="jp-Tfs-note jp-mod-bad" role="alert">
            {trans.__(
              '%1 is no image that is known here: PNG, JPEG, GIF, BMP or WebP.',
              view.unreadable
            )}
          </p>
        )}
        <p>{dropHint}</p>
        <button
          type="button"
          className="jp-Dialog-button jp-mod-reject jp-mod-styled"
          onClick={() => file.current?.click()}
        >
          {trans.__('Choose an image …')}
        </button>
        <input
          ref={file}
          type="file"
          accept="image/png,image/jpeg,image/gif,image/bmp,image/webp"
          aria-label={trans.__('Choose an image …')}
          hidden
          onChange={event => {
            take(event.target.files?.[0]);
            // The same file may be another by the time it is chosen again.
            event.target.value = '';
          }}
        />
        {view.picture && <p className="jp-Tfs-soft">{view.picture.name}</p>}
      </div>
    </div>
  );
}
