import { TranslationBundle, nullTranslator } from '@jupyterlab/translation';
import { createContext, useContext } from 'react';

/** Of the translations; `locale/LANGUAGE/LC_MESSAGES/tfs_notebook.json` has them. */
export const DOMAIN = 'tfs_notebook';

export const Translation = createContext<TranslationBundle>(nullTranslator.load(DOMAIN));

/** The texts in the reader's language. */
export function useTrans(): TranslationBundle {
  return useContext(Translation);
}
