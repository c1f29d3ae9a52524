import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { Send, Unreachable, replyOf } from './connection';

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
    return replyOf(response);
  };
}
