import { ReactElement, useState } from 'react';

import { ShownVersion, shownVersions } from '../server/health';
import { useTrans } from '../text/translation';

/** So many at first, where there are more by two at least. */
const FIRST = 4;

interface Properties<Shown extends ShownVersion> {
  readonly model: { readonly name: string; readonly versions: readonly Shown[] };
  readonly children: (version: Shown) => ReactElement;
}

/** The versions of a model, the newest first; of many, those that serve are not all shown. */
export function VersionList<Shown extends ShownVersion>({
  model,
  children
}: Properties<Shown>): ReactElement {
  const trans = useTrans();
  const [isOpen, setOpen] = useState(false);
  const all = shownVersions(model);
  const first = all.filter(
    (version, place) => place < FIRST || version.state !== 'AVAILABLE'
  );
  const isLong = all.length > first.length + 1;
  return (
    <>
      <ul className="jp-Tfs-versions">{(isLong && !isOpen ? first : all).map(children)}</ul>
      {isLong && (
        <button
          type="button"
          className="jp-Tfs-more"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen
            ? trans.__('Show less')
            : trans.__(
                '%1 more versions of %2',
                String(all.length - first.length),
                model.name
              )}
        </button>
      )}
    </>
  );
}
