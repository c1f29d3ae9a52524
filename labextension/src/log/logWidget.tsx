import { listIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactElement, useEffect, useRef, useState } from 'react';

import type { Client } from '../api/client';
import type { ServerWatch } from '../server/watch';
import { useTrans } from '../text/translation';
import { useSeen } from '../changing';
import { WatchingWidget } from '../watchingWidget';

const LINES = 500;
/** Pixels from the end within which new lines are followed. */
const NEAR = 24;

/** What the model server writes, in the main area. */
export class LogWidget extends WatchingWidget {
  constructor(
    private readonly watch: ServerWatch,
    trans: TranslationBundle,
    private readonly client: Client
  ) {
    super(watch, trans);
    this.addClass('jp-TfsLog');
    this.title.icon = listIcon;
    this.title.label = trans.__('Model Server Log');
    this.title.closable = true;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this.title.label);
  }

  protected content(): ReactElement {
    return <Log watch={this.watch} client={this.client} />;
  }
}

interface Properties {
  readonly watch: ServerWatch;
  readonly client: Client;
}

/** The last lines; it follows them while the end is to be seen. */
function Log({ watch, client }: Properties): ReactElement {
  const trans = useTrans();
  const seen = useSeen(watch);
  const [lines, setLines] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState('');
  const place = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    let isCurrent = true;
    client.log(LINES).then(
      told => {
        if (isCurrent) {
          setLines(told);
          setProblem('');
        }
      },
      (error: unknown) => {
        if (isCurrent) {
          setProblem(error instanceof Error ? error.message : String(error));
        }
      }
    );
    return () => {
      isCurrent = false;
    };
  }, [client, seen]);
  useEffect(() => {
    if (place.current && isAtEnd.current) {
      place.current.scrollTop = place.current.scrollHeight;
    }
  }, [lines]);
  return (
    <>
      {problem && (
        <p className="jp-Tfs-note jp-mod-bad" role="alert">
          {problem}
        </p>
      )}
      <pre
        ref={place}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={trans.__('The last lines of the model server')}
        onScroll={event => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR;
        }}
      >
        {lines.join('\n')}
      </pre>
    </>
  );
}
