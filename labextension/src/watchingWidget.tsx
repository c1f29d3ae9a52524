import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import type { ReactElement } from 'react';

import type { Watcher } from './server/watcher';
import { Translation } from './text/translation';

/** What is told whether anybody looks. */
type Watched = Pick<Watcher<unknown>, 'attend' | 'leave'>;

/** Shows what is seen of a server; numbers are polled while it is to be seen itself. */
export abstract class WatchingWidget extends ReactWidget {
  /** Null where events tell all that it shows. */
  private watched: Watched | null;

  constructor(
    watched: Watched | null,
    protected readonly trans: TranslationBundle
  ) {
    super();
    this.watched = watched;
    this.addClass('jp-Tfs');
  }

  protected abstract content(): ReactElement;

  override dispose(): void {
    this.watched?.leave(this);
    super.dispose();
  }

  /** Show another server from now on. */
  protected follow(watched: Watched | null): void {
    this.watched?.leave(this);
    this.watched = watched;
    if (this.isVisible) {
      watched?.attend(this);
    }
  }

  protected override render(): ReactElement {
    return <Translation.Provider value={this.trans}>{this.content()}</Translation.Provider>;
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.watched?.attend(this);
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.watched?.attend(this);
    }
  }

  protected override onBeforeHide(message: Message): void {
    this.watched?.leave(this);
    super.onBeforeHide(message);
  }

  protected override onBeforeDetach(message: Message): void {
    this.watched?.leave(this);
    super.onBeforeDetach(message);
  }
}
