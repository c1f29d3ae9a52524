import type { IStateDB } from '@jupyterlab/statedb';

import type { ServerChoice } from './serverChoice';
import { OWN, Servers } from './servers';

const KEY = 'tfs-notebook:server';

type Kept = Pick<IStateDB, 'fetch' | 'save'>;

/**
 * Keep the choice of a server in the workspace, and take it back with the next page.
 *
 * One that the configuration of Jupyter does not allow any more gives way to Jupyter's own.
 */
export async function keepChoice(
  choice: ServerChoice,
  servers: Servers,
  state: Kept | null
): Promise<void> {
  // One that was never allowed stays: the panel says what would allow it.
  let expected: string | null = null;
  const check = () => {
    if (choice.name === expected && servers.allows(expected) === false) {
      expected = null;
      choice.fallBack();
    }
  };
  servers.changed.connect(check);
  choice.changed.connect((_, name) => {
    expected = servers.allows(name) ? name : null;
    void state?.save(KEY, name).catch(() => undefined);
  });
  const kept = await state?.fetch(KEY).catch(() => undefined);
  if (typeof kept === 'string' && kept !== OWN && choice.name === OWN) {
    choice.choose(kept);
    expected = kept;
    check();
  }
}
