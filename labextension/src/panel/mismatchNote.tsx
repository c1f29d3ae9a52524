import type { ReactElement } from 'react';

import { IconButton } from '../iconButton';
import type { Mismatch } from '../server/versions';
import { copyText } from '../text/clipboard';
import { copyGlyph } from '../text/glyphs';
import { useTrans } from '../text/translation';

/** That front end and server do not belong together, with the lines that mend it. */
export function MismatchNote({ mismatch }: { readonly mismatch: Mismatch }): ReactElement {
  const trans = useTrans();
  const lines = mismatch.commands.join('\n');
  return (
    <div className="jp-Tfs-note jp-mod-bad" role="alert">
      <p>{mismatch.text}</p>
      <div className="jp-Tfs-copied">
        <pre>{lines}</pre>
        <IconButton
          icon={copyGlyph}
          label={trans.__('Copy')}
          onClick={() => copyText(lines)}
        />
      </div>
    </div>
  );
}
