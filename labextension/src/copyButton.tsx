import { ReactElement, useEffect, useState } from 'react';

import { IconButton } from './iconButton';
import { copyText } from './text/clipboard';
import { copyGlyph, doneGlyph } from './text/glyphs';
import { useTrans } from './text/translation';

interface Properties {
  readonly label: string;
  /** What is copied. */
  readonly text: () => string;
  readonly isDisabled?: boolean;
}

/** Milliseconds for which it is told how that went; a failure has more to read. */
const SHOWN = { copied: 2000, refused: 8000 } as const;

/** Copies a text, and says for a moment whether it is on the clipboard. */
export function CopyButton({ label, text, isDisabled = false }: Properties): ReactElement {
  const trans = useTrans();
  // An object of its own for each click, so that each is told for as long.
  const [done, setDone] = useState<{ readonly result: keyof typeof SHOWN } | null>(null);
  useEffect(() => {
    if (done === null) {
      return undefined;
    }
    const timer = setTimeout(() => setDone(null), SHOWN[done.result]);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => {
    setDone({ result: (await copyText(text())) ? 'copied' : 'refused' });
  };
  const result = done?.result;
  return (
    <span className="jp-Tfs-copy">
      <span role="status" className={`jp-Tfs-copyWord jp-mod-${result ?? 'plain'}`}>
        {result === 'copied' && trans.__('Copied')}
        {result === 'refused' &&
          trans.__('The browser does not let this be copied: select the text instead')}
      </span>
      <IconButton
        icon={result === 'copied' ? doneGlyph : copyGlyph}
        label={label}
        isDisabled={isDisabled}
        onClick={() => void copy()}
      />
    </span>
  );
}
