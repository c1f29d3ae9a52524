import { createRoot } from 'react-dom/client';

import { App } from './app';
import { Language } from './language';
import { Page } from './page';
import { PageClient } from './pageClient';
import { sendWith } from './connection';
import { Theme } from './theme';
import { Tokens } from './tokens';

import 'uplot/dist/uPlot.min.css';
import '../style/panel.css';
import '../style/console.css';
import '../style/charts.css';
import './style/theme.css';
import './style/page.css';
import './style/models.css';

async function begin(root: HTMLElement): Promise<void> {
  const theme = new Theme();
  theme.begin();
  const language = new Language();
  const [settings] = await Promise.all([
    new PageClient(sendWith(new Tokens(null))).settings(),
    language.begin()
  ]);
  const page = new Page(settings, language, theme);
  page.begin();
  createRoot(root).render(<App page={page} />);
}

const root = document.getElementById('root');
if (root) {
  begin(root).catch((error: unknown) => {
    root.textContent = String(error);
  });
}
