import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';

import type { ServerWatch } from '../server/watch';
import { StateMark } from '../text/stateMark';
import { lookOfHealth } from '../text/states';
import { useSeen } from '../changing';

/** How the model server does, in a word; a click tells more. */
export class StatusItem extends ReactWidget {
  constructor(
    private readonly watch: ServerWatch,
    private readonly trans: TranslationBundle,
    private readonly open: () => void
  ) {
    super();
    this.addClass('jp-Tfs');
    this.addClass('jp-TfsStatus');
  }

  protected override render(): ReactElement {
    return <Status watch={this.watch} trans={this.trans} open={this.open} />;
  }
}

interface Properties {
  readonly watch: ServerWatch;
  readonly trans: TranslationBundle;
  readonly open: () => void;
}

function Status({ watch, trans, open }: Properties): ReactElement {
  useSeen(watch);
  return (
    <button type="button" title={trans.__('Show the Model Server')} onClick={open}>
      {trans.__('Model server:')} <StateMark look={lookOfHealth(watch.health, trans)} />
    </button>
  );
}
