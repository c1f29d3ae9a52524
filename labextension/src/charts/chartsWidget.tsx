import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';

import { chartIcon } from '../icons';
import type { ServerChoice } from '../server/serverChoice';
import type { Servers } from '../server/servers';
import { WatchingWidget } from '../watchingWidget';
import { Charts } from './charts';
import type { ChartsState } from './chartsState';

/** The charts in the main area, of the server that is chosen. */
export class ChartsWidget extends WatchingWidget {
  private readonly followChoice = (_: ServerChoice, name: string) => {
    this.follow(this.servers.find(name).watch);
  };

  constructor(
    private readonly servers: Servers,
    private readonly choice: ServerChoice,
    trans: TranslationBundle,
    readonly state: ChartsState
  ) {
    super(servers.find(choice.name).watch, trans);
    this.addClass('jp-TfsCharts');
    this.title.icon = chartIcon;
    this.title.label = trans.__('Model Charts');
    this.title.closable = true;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this.title.label);
    choice.changed.connect(this.followChoice);
  }

  override dispose(): void {
    this.choice.changed.disconnect(this.followChoice);
    super.dispose();
  }

  protected content(): ReactElement {
    const { servers, choice, state } = this;
    return <Charts servers={servers} choice={choice} state={state} />;
  }
}
