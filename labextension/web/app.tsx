import { ReactElement, useEffect, useMemo } from 'react';

import { useChanging, useSeen } from '../src/changing';
import { MenuOpener } from '../src/panel/menu';
import { lookOfHealth } from '../src/text/states';
import { Translation, useTrans } from '../src/text/translation';
import { ChartsView } from './chartsView';
import { ConsoleView } from './consoleView';
import { DialogView, Notices } from './dialogView';
import { Header } from './header';
import type { View } from './location';
import { MenuView } from './menuView';
import { ModelsView } from './modelsView';
import { Page, ShownPage, usePage } from './page';
import { commandsOf } from './pageCommands';
import { TokenView } from './tokenView';

const VIEWS: Readonly<Record<View, () => ReactElement>> = {
  models: ModelsView,
  console: ConsoleView,
  charts: ChartsView
};

/** The page. */
export function App({ page }: { readonly page: Page }): ReactElement {
  const { language, tokens, settings } = page;
  const trans = useChanging(language, () => language.trans);
  const hasToken = useChanging(tokens, () => tokens.get('control') !== null);
  const canChange = settings.control === 'token' && hasToken;
  const shown = useMemo(
    () => ({ page, commands: commandsOf(page, trans, canChange) }),
    [page, trans, canChange]
  );
  return (
    <Translation.Provider value={trans}>
      <ShownPage.Provider value={shown}>
        <MenuOpener.Provider value={page.menu.open}>
          <Body />
          <MenuView menu={page.menu} commands={shown.commands} />
          <DialogView dialogs={page.dialogs} />
          <Notices dialogs={page.dialogs} />
        </MenuOpener.Provider>
      </ShownPage.Provider>
    </Translation.Provider>
  );
}

function Body(): ReactElement {
  const trans = useTrans();
  const { page } = usePage();
  const view = useChanging(page.view, () => page.view.name);
  const isRefused = useChanging(page.tokens, () => page.tokens.isReadingRefused);
  const seen = useSeen(page.watch);
  const look = lookOfHealth(page.watch.health, trans);
  useEffect(() => {
    document.title = `${look.icon} ${window.location.host} – tfs_notebook`;
  }, [look.icon]);
  const Chosen = VIEWS[view];
  return (
    <div className="jp-Tfs tfs-page">
      <a
        className="tfs-skip"
        href="#main"
        onClick={event => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        {trans.__('Skip to the content')}
      </a>
      <Header look={look} />
      <main id="main" tabIndex={-1}>
        {seen.problem && !isRefused && (
          <p className="jp-Tfs-note jp-mod-bad tfs-banner" role="alert">
            {trans.__('The model server does not answer at the moment; it is looked for.')}{' '}
            {seen.problem.message}
          </p>
        )}
        {isRefused ? <TokenView /> : <Chosen />}
      </main>
    </div>
  );
}
