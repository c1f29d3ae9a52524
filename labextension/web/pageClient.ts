import type { HostStatus } from '../src/api/answers';
import { Client } from '../src/api/client';

/** What the server says of itself once and for all. */
export interface Settings {
  readonly version: string;
  /** How models may be changed over TCP. */
  readonly control: 'none' | 'token';
  /** The port of gRPC, unless it wants certificates. */
  readonly grpc_port: number | null;
  /** It asks for a token there. */
  readonly grpc_authorization: boolean;
}

/** Where those are; not where tokens are asked for. */
export const SETTINGS_PATH = 'web/settings.json';

/** The server without a Jupyter before it: as long as it answers, it is there. */
export class PageClient extends Client {
  override async status(): Promise<HostStatus> {
    const { version } = await this.get<{ readonly version: string }>('v2');
    return {
      state: 'ready',
      reason: '',
      pid: null,
      restarts: 0,
      started: null,
      memory: null,
      version
    };
  }

  settings(): Promise<Settings> {
    return this.get(SETTINGS_PATH);
  }

  /** The number of the last event after one, as soon as there is any. */
  async eventsAfter(number: number, seconds: number): Promise<number> {
    const query = `after=${number}&timeout=${seconds}`;
    return (await this.get<{ readonly next: number }>(`v2/repository/events?${query}`))
      .next;
  }
}
