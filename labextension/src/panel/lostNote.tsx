import type { ReactElement } from 'react';

import { IconButton } from '../iconButton';
import { OWN } from '../server/servers';
import type { ServerChoice } from '../server/serverChoice';
import { closeGlyph } from '../text/glyphs';
import { useTrans } from '../text/translation';
import { useChanging } from '../changing';

/** That the server which was chosen may be looked at no more, until it is dismissed. */
export function LostNote({
  choice
}: {
  readonly choice: ServerChoice;
}): ReactElement | null {
  const trans = useTrans();
  const lost = useChanging(choice, () => choice.lost);
  if (lost === null) {
    return null;
  }
  return (
    <div className="jp-Tfs-note jp-mod-busy jp-Tfs-dismissed" role="alert">
      <p>
        {trans.__(
          '%1 may not be looked at any more: it is not in TfsNotebookApp.allowed_servers. This is the model server of this Jupyter.',
          lost
        )}
      </p>
      <IconButton
        icon={closeGlyph}
        label={trans.__('Dismiss')}
        onClick={() => choice.choose(OWN)}
      />
    </div>
  );
}
