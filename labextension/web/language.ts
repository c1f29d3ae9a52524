import type { TranslationBundle } from '@jupyterlab/translation';
import { ISignal, Signal } from '@lumino/signaling';

import { Catalogue, translationOf } from './catalogue';
import { keepPreference, preference } from './preferences';

export const LANGUAGES = ['en', 'zh-CN'] as const;

export type Tag = (typeof LANGUAGES)[number];

const NAME = 'language';

/** The first of a reader's languages that the page has; English, if it has none of them. */
export function chosenAmong(wanted: readonly string[]): Tag {
  for (const one of wanted) {
    const found = LANGUAGES.find(tag => tag.slice(0, 2) === one.slice(0, 2).toLowerCase());
    if (found) {
      return found;
    }
  }
  return 'en';
}

/** The language of the page: the reader's choice, or else their browser's. */
export class Language {
  private current: Tag = 'en';
  private texts: TranslationBundle = translationOf({});
  private readonly changes = new Signal<this, Tag>(this);

  /** Another language, or its texts have come. */
  get changed(): ISignal<this, Tag> {
    return this.changes;
  }

  get tag(): Tag {
    return this.current;
  }

  get trans(): TranslationBundle {
    return this.texts;
  }

  /** Begin with what was chosen before, or what the browser asks for. */
  begin(): Promise<void> {
    const kept = preference(NAME);
    return this.use(chosenAmong(kept === null ? navigator.languages : [kept]));
  }

  /** Choose one, also for the next time. */
  choose(tag: Tag): Promise<void> {
    keepPreference(NAME, tag);
    return this.use(tag);
  }

  private async use(tag: Tag): Promise<void> {
    const catalogue = await load(tag);
    this.current = tag;
    this.texts = translationOf(catalogue);
    document.documentElement.lang = tag;
    this.changes.emit(tag);
  }
}

async function load(tag: Tag): Promise<Catalogue> {
  if (tag === 'en') {
    return {};
  }
  const chinese = await import(
    /* webpackChunkName: "zh-CN" */
    '../../tfs_notebook/locale/zh_CN/LC_MESSAGES/tfs_notebook.json'
  );
  return chinese.default;
}
