import { ReactElement, useState } from 'react';

import { useTrans } from '../text/translation';

/** From so many on there is a filter. */
const MANY = 8;

interface Properties<Shown> {
  readonly models: readonly Shown[];
  readonly children: (found: readonly Shown[]) => ReactElement;
}

/** Lets models be found by their names, where there are many of them. */
export function ModelFilter<Shown extends { readonly name: string }>({
  models,
  children
}: Properties<Shown>): ReactElement {
  const trans = useTrans();
  const [wanted, setWanted] = useState('');
  const isShown = models.length > MANY;
  // Of a filter that nobody sees nothing is left out.
  const found = isShown ? models.filter(model => isNamed(model.name, wanted)) : models;
  return (
    <>
      {isShown && (
        <div className="jp-Tfs-filter">
          <input
            type="search"
            className="jp-mod-styled"
            placeholder={trans.__('Filter models by name')}
            aria-label={trans.__('Filter models by name')}
            value={wanted}
            onChange={event => setWanted(event.target.value)}
          />
        </div>
      )}
      {isShown && found.length === 0 && (
        <p className="jp-Tfs-hint" role="status">
          {trans.__('No model has such a name.')}
        </p>
      )}
      {children(found)}
    </>
  );
}

function isNamed(name: string, wanted: string): boolean {
  return name.toLowerCase().includes(wanted.trim().toLowerCase());
}
