import { ReactElement, useId } from 'react';

import type { ServerChoice } from '../server/serverChoice';
import type { Servers } from '../server/servers';
import { hasChoice, serverOptions } from '../serverOptions';
import { Select } from '../select';
import { useTrans } from '../text/translation';
import { useChanging } from '../changing';

interface Properties {
  readonly servers: Servers;
  readonly choice: ServerChoice;
}

/** Which server is shown; nothing while there is only one. */
export function ServerChooser({ servers, choice }: Properties): ReactElement | null {
  const trans = useTrans();
  const id = useId();
  useChanging(servers, () => servers.entries);
  const name = useChanging(choice, () => choice.name);
  if (!hasChoice(servers, name)) {
    return null;
  }
  return (
    <div className="jp-Tfs-chooser">
      <label htmlFor={id}>{trans.__('Model server')}</label>
      <Select
        id={id}
        value={name}
        options={serverOptions(servers, name, trans)}
        onChange={one => choice.choose(one)}
      />
    </div>
  );
}
