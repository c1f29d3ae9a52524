import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** What was sent back: status, headers and body as text. */
export interface Reply {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
  header(name: string): string | null;
}

/** Sends a request to a path below `tfs/`; fails with `Unreachable` alone. */
export type Send = (path: string, init?: RequestInit) => Promise<Reply>;

/** Jupyter itself does not answer. */
export class Unreachable extends Error {}

/** Requests go through Jupyter: its address, its token, its protection from forgery. */
export function sendThrough(settings: ServerConnection.ISettings): Send {
  return async (path, init = {}) => {
    const url = URLExt.join(settings.baseUrl, 'tfs', path);
    let response: Response;
    try {
      // With no-store, the time would be added to the query, which the server checks.
      const request: RequestInit = { cache: 'no-cache', ...init };
      response = await ServerConnection.makeRequest(url, request, settings);
    } catch (error) {
      throw new Unreachable(error instanceof Error ? error.message : String(error));
    }
    return {
      ok: response.ok,
      status: response.status,
      text: await response.text(),
      header: name => response.headers.get(name)
    };
  };
}

/** Sends what is sent to another server, by its name, through Jupyter. */
export function sendTo(send: Send, server: string): Send {
  const root = `servers/${encodeURIComponent(server)}`;
  return (path, init) => send(path ? `${root}/${path}` : root, init);
}
