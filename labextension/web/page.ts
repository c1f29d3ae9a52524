import type { CommandRegistry } from '@lumino/commands';
import { createContext, useContext } from 'react';

import { ChartsState } from '../src/charts/chartsState';
import { ConsoleState } from '../src/console/consoleState';
import { ServerChoice } from '../src/server/serverChoice';
import { Servers } from '../src/server/servers';
import { ServerWatch } from '../src/server/watch';
import { WatchedModels } from '../src/server/watchedModels';
import { sendWith } from './connection';
import { Language } from './language';
import { ShownView } from './location';
import { News } from './news';
import { PageClient, Settings } from './pageClient';
import { PageDialogs } from './pageDialogs';
import { PageMenu } from './pageMenu';
import { Theme } from './theme';
import { Tokens, sessionDrawer } from './tokens';

const MILLISECONDS = 2000;

/** How many labels the console shows of an answer. */
export const TOP = 5;

/** All that the page is made of, but for its looks. */
export class Page {
  readonly tokens = new Tokens(sessionDrawer());
  private readonly send = sendWith(this.tokens);
  readonly client = new PageClient(this.send);
  readonly watch = new ServerWatch(this.client, MILLISECONDS);
  readonly servers = new Servers(
    this.client,
    this.watch,
    this.send,
    new WatchedModels(),
    MILLISECONDS
  );
  readonly choice = new ServerChoice();
  readonly console = new ConsoleState(
    name => this.servers.find(name),
    () => TOP
  );
  readonly charts = new ChartsState();
  readonly dialogs = new PageDialogs();
  readonly menu = new PageMenu();
  readonly view = new ShownView();
  private readonly news = new News(this.client, () => this.watch.notice());

  constructor(
    readonly settings: Settings,
    readonly language: Language,
    readonly theme: Theme
  ) {
    theme.changed.connect((_, name) => this.charts.setTheme(name));
    this.charts.setTheme(theme.name);
    this.tokens.changed.connect(() => this.watch.notice());
  }

  /** Look at the server as long as the page is open. */
  begin(): void {
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) {
        this.news.resume();
      }
    });
    this.watch.attend(this);
    void this.news.follow();
  }
}

/** The page with the commands in the reader's language. */
export interface Shown {
  readonly page: Page;
  readonly commands: CommandRegistry;
}

export const ShownPage = createContext<Shown | null>(null);

/** The page that a component is shown in. */
export function usePage(): Shown {
  const shown = useContext(ShownPage);
  if (shown === null) {
    throw new Error('no page is provided');
  }
  return shown;
}
