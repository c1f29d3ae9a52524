import type { TranslationBundle } from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';

import type { Client } from './api/client';
import type { ServerChoice } from './server/serverChoice';
import type { Servers } from './server/servers';
import type { ServerWatch } from './server/watch';

/** The model server of this Jupyter, for all plugins. */
export interface IModelServer {
  readonly client: Client;
  readonly watch: ServerWatch;
  /** This one, and those that may be looked at beside it. */
  readonly servers: Servers;
  /** Which of them the side panel shows. */
  readonly choice: ServerChoice;
  readonly trans: TranslationBundle;
}

export const IModelServer = new Token<IModelServer>(
  'tfs-notebook:IModelServer',
  'The model server of this Jupyter: its state, and what can be asked of it.'
);
