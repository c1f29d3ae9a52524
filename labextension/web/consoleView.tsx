import { ReactElement, useEffect } from 'react';

import { useChanging, useSeen } from '../src/changing';
import { Console } from '../src/console/console';
import type { Door } from '../src/console/restCode';
import { useTrans } from '../src/text/translation';
import { Page, TOP, usePage } from './page';

/** The test console. Images are taken wherever they are dropped or pasted. */
export function ConsoleView(): ReactElement {
  const trans = useTrans();
  const { page } = usePage();
  const { overview } = useSeen(page.watch);
  const hasToken = useChanging(page.tokens, () => page.tokens.get('reading') !== null);
  useEffect(() => takeFiles(page), [page]);
  return (
    <section className="jp-TfsConsole" aria-label={trans.__('Test Console')}>
      <h2>{trans.__('Test Console')}</h2>
      {overview?.models.length === 0 ? (
        <p className="tfs-empty">{trans.__('No model is served yet; it appears here.')}</p>
      ) : (
        <Console
          servers={page.servers}
          state={page.console}
          door={doorOf(page, hasToken)}
          dropHint={trans.__('Drop or paste an image here, or')}
          top={() => TOP}
        />
      )}
    </section>
  );
}

function doorOf({ settings }: Page, hasToken: boolean): Door {
  const { origin, hostname } = window.location;
  const token = hasToken ? 'server' : null;
  const door = { address: origin, token, grpcToken: settings.grpc_authorization } as const;
  return settings.grpc_port === null
    ? door
    : { ...door, grpc: `${hostname}:${settings.grpc_port}` };
}

/** A browser would leave the page and open what is dropped. */
function takeFiles({ console }: Page): () => void {
  const take = (event: Event, data: DataTransfer | null) => {
    const file = data?.files[0];
    if (file) {
      event.preventDefault();
      void console.takeFile(file.name, file);
    }
  };
  const over = (event: DragEvent) => {
    if (event.dataTransfer?.types.includes('Files')) {
      event.preventDefault();
    }
  };
  const drop = (event: DragEvent) => take(event, event.dataTransfer);
  const paste = (event: ClipboardEvent) => {
    if (event.clipboardData?.files.length) {
      // The form's own handler would take it once more.
      event.stopPropagation();
      take(event, event.clipboardData);
    }
  };
  document.addEventListener('dragover', over);
  document.addEventListener('drop', drop);
  document.addEventListener('paste', paste, true);
  return () => {
    document.removeEventListener('dragover', over);
    document.removeEventListener('drop', drop);
    document.removeEventListener('paste', paste, true);
  };
}
