import { Send, Unreachable, replyOf } from '../src/api/connection';
import type { Tokens } from './tokens';

const UNAUTHENTICATED = 401;
const FORBIDDEN = 403;
/** What changes models: the server asks for the token of control there. */
const CONTROL = /^v2\/repository\/(models\/[^/]+\/\w+|batching)$/;

/** Requests go to the server that the page is from, with the tokens that were typed in. */
export function sendWith(tokens: Tokens, fetched: typeof fetch = fetch): Send {
  return async (path, init = {}) => {
    const isChange = init.method === 'POST' && CONTROL.test(path);
    const headers = new Headers(init.headers);
    const token = (isChange ? tokens.get('control') : null) ?? tokens.get('reading');
    if (token !== null) {
      headers.set('Authorization', `Bearer ${token}`);
    }
    let response: Response;
    try {
      response = await fetched(`/${path}`, { cache: 'no-store', ...init, headers });
    } catch (error) {
      throw new Unreachable(error instanceof Error ? error.message : String(error));
    }
    if (!isChange) {
      tokens.noteAnswer(response.status === UNAUTHENTICATED, token);
    } else if (response.status === FORBIDDEN || response.status === UNAUTHENTICATED) {
      // It is no good; the reader is told by what was to be changed.
      tokens.forget('control');
    }
    return replyOf(response);
  };
}
