import { FilterBox } from '@jupyterlab/ui-components';
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
  const [isFound, setFound] = useState<(name: string) => boolean>(() => () => true);
  const isShown = models.length > MANY;
  // Of a filter that nobody sees nothing is left out.
  const found = isShown ? models.filter(model => isFound(model.name)) : models;
  return (
    <>
      {isShown && (
        <div className="jp-Tfs-filter">
          <FilterBox
            placeholder={trans.__('Filter models by name')}
            updateFilter={filter => setFound(() => (name: string) => filter(name) !== null)}
            useFuzzyFilter={false}
            caseSensitive={false}
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
