/** What was sent back: status, headers and body as text. */
export interface Reply {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
  header(name: string): string | null;
}

/** Sends a request to a path of the server's; fails with `Unreachable` alone. */
export type Send = (path: string, init?: RequestInit) => Promise<Reply>;

/** Nobody answers: not Jupyter, or not the server itself. */
export class Unreachable extends Error {}

/** What came back, read to its end. */
export async function replyOf(response: Response): Promise<Reply> {
  return {
    ok: response.ok,
    status: response.status,
    text: await response.text(),
    header: name => response.headers.get(name)
  };
}

/** Sends what is sent to another server, by its name, through Jupyter. */
export function sendTo(send: Send, server: string): Send {
  const root = `servers/${encodeURIComponent(server)}`;
  return (path, init) => send(path ? `${root}/${path}` : root, init);
}
