import type { ReactElement } from 'react';

import { useChanging } from '../src/changing';
import { StateMark } from '../src/text/stateMark';
import type { Look } from '../src/text/states';
import { useTrans } from '../src/text/translation';
import { ControlButton } from './controlButton';
import { Drawing } from './drawing';
import { LANGUAGES, Tag } from './language';
import { VIEWS, View } from './location';
import { usePage } from './page';

const NAMES: Readonly<Record<Tag, string>> = { en: 'English', 'zh-CN': '中文' };

/** Which server it is and how it is; the views, and how they are shown. */
export function Header({ look }: { readonly look: Look }): ReactElement {
  const trans = useTrans();
  const { page } = usePage();
  const view = useChanging(page.view, () => page.view.name);
  const titles: Record<View, string> = {
    models: trans.__('Models'),
    console: trans.__('Test Console'),
    charts: trans.__('Charts')
  };
  return (
    <header className="tfs-header">
      <div className="tfs-headerRow">
        <div className="tfs-brand">
          <Drawing name="logo" />
          <div>
            <h1>tfs_notebook</h1>
            <span className="tfs-address">{window.location.host}</span>
          </div>
        </div>
        <span role="status" className={`tfs-pill jp-mod-${look.tone}`}>
          <StateMark look={look} />
        </span>
        <span className="jp-Tfs-spacer" />
        <div className="tfs-tools">
          <ControlButton />
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
      </div>
      <nav aria-label={trans.__('Views')} className="tfs-nav">
        {VIEWS.map(one => (
          <a key={one} href={`#/${one}`} aria-current={one === view ? 'page' : undefined}>
            <Drawing name={one} />
            {titles[one]}
          </a>
        ))}
      </nav>
    </header>
  );
}

function LanguageSwitch(): ReactElement {
  const { page } = usePage();
  const { language } = page;
  const tag = useChanging(language, () => language.tag);
  const other = LANGUAGES.find(one => one !== tag) ?? tag;
  return (
    <button
      type="button"
      className="tfs-tool"
      lang={other}
      onClick={() => void language.choose(other)}
    >
      {NAMES[other]}
    </button>
  );
}

function ThemeSwitch(): ReactElement {
  const trans = useTrans();
  const { page } = usePage();
  const { theme } = page;
  const name = useChanging(theme, () => theme.name);
  const label =
    name === 'dark' ? trans.__('Use light colours') : trans.__('Use dark colours');
  return (
    <button
      type="button"
      className="tfs-tool tfs-square"
      title={label}
      aria-label={label}
      onClick={() => theme.toggle()}
    >
      <Drawing name={name === 'dark' ? 'sun' : 'moon'} />
    </button>
  );
}
