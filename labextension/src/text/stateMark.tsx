import type { ReactElement } from 'react';

import type { Look } from './states';

/** An icon and words for a state. */
export function StateMark({ look }: { readonly look: Look }): ReactElement {
  return (
    <span className={`jp-Tfs-state jp-mod-${look.tone}`}>
      <span className="jp-Tfs-stateIcon" aria-hidden="true">
        {look.icon}
      </span>{' '}
      {look.text}
    </span>
  );
}
