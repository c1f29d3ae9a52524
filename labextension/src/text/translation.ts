import type { TranslationBundle } from '@jupyterlab/translation';
import { createContext, useContext } from 'react';

/** Of the translations; `locale/LANGUAGE/LC_MESSAGES/tfs_notebook.json` has them. */
export const DOMAIN = 'tfs_notebook';

/** Whoever shows components provides it. */
export const Translation = createContext<TranslationBundle | null>(null);

/** The texts in the reader's language. */
export function useTrans(): TranslationBundle {
  const trans = useContext(Translation);
  if (trans === null) {
    throw new Error('no translation is provided');
  }
  return trans;
}
