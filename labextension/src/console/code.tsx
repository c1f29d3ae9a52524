import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactElement, useState } from 'react';

import { CopyButton } from '../copyButton';
import { useTrans } from '../text/translation';
import type { ConsoleView } from './consoleState';
import { grpcCode } from './grpcCode';
import type { Question } from './question';
import { Door, curlCode, pythonCode } from './restCode';
import { targetOf } from './target';

interface Properties {
  readonly view: ConsoleView;
  readonly door: Door;
  readonly top: number;
}

const KINDS = ['curl', 'Python', 'gRPC'] as const;

/** What was asked last as code, to copy. */
export function Code({ view, door, top }: Properties): ReactElement | null {
  const trans = useTrans();
  const [kind, setKind] = useState<(typeof KINDS)[number]>('curl');
  if (!view.asked || !view.form) {
    return null;
  }
  const code = codeOf(kind, view.asked);
  return (
    <details className="jp-Tfs-code">
      <summary>{trans.__('The same question as code')}</summary>
      <div className="jp-Tfs-bar">
        <div role="group" aria-label={trans.__('As code')}>
          {KINDS.map(one => (
            <button
              key={one}
              type="button"
              className="jp-Tfs-tab"
              aria-pressed={one === kind}
              onClick={() => setKind(one)}
            >
              {one}
            </button>
          ))}
        </div>
        <span className="jp-Tfs-spacer" />
        <CopyButton label={trans.__('Copy')} text={() => code} />
      </div>
      <pre tabIndex={0} aria-label={kind}>
        {code}
      </pre>
      <p className="jp-Tfs-soft">{tokenNote(door, kind, trans)}</p>
    </details>
  );

  function codeOf(wanted: (typeof KINDS)[number], asked: Question): string {
    const target = targetOf(view.model, view.choice);
    switch (wanted) {
      case 'curl':
        return curlCode(door, asked, target, top);
      case 'Python':
        return pythonCode(door, asked, target, top);
      case 'gRPC':
        return view.form ? grpcCode(door, asked, target, view.form) : '';
    }
  }
}

function tokenNote(
  { token, grpcToken }: Door,
  kind: (typeof KINDS)[number],
  trans: TranslationBundle
): string {
  if (kind === 'gRPC') {
    return grpcToken ? trans.__('TFS_TOKEN is the token that its gRPC asks for.') : '';
  }
  switch (token) {
    case 'jupyter':
      return trans.__('TFS_TOKEN is a token of this Jupyter server.');
    case 'server':
      return trans.__('TFS_TOKEN is the token that this server asks for.');
    case null:
      return '';
  }
}
