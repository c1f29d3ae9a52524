import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import { modelServerIcon } from '../icons';
import type { ServerChoice } from '../server/serverChoice';
import type { Servers } from '../server/servers';
import { WatchingWidget } from '../watchingWidget';
import { MenuOpener } from './menu';
import { openMenuAt } from './menus';
import { Panel } from './panel';

/** The side panel. */
export class PanelWidget extends WatchingWidget {
  constructor(
    private readonly servers: Servers,
    private readonly choice: ServerChoice,
    trans: TranslationBundle,
    private readonly commands: CommandRegistry
  ) {
    super(servers.find(choice.name).watch, trans);
    this.id = 'tfs-notebook-panel';
    this.addClass('jp-TfsPanel');
    this.title.icon = modelServerIcon;
    this.title.caption = trans.__('Model Server');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Model Server'));
    choice.changed.connect((_, name) => this.follow(servers.find(name).watch));
  }

  protected content(): ReactElement {
    const { servers, choice, commands } = this;
    return (
      <MenuOpener.Provider value={(...menu) => openMenuAt(commands, ...menu)}>
        <Panel servers={servers} choice={choice} commands={commands} />
      </MenuOpener.Provider>
    );
  }
}
