import type { ReactElement } from 'react';

import { CopyButton } from '../copyButton';
import type { Mismatch } from '../server/versions';
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
        <CopyButton label={trans.__('Copy')} text={() => lines} />
      </div>
    </div>
  );
}
