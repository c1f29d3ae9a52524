import type { TranslationBundle } from '@jupyterlab/translation';

/** English, with places filled in as JupyterLab does. */
export const trans = {
  __: (text: string, ...values: string[]) =>
    text.replace(/%(\d+)/g, (_, place: string) => values[Number(place) - 1] ?? '')
} as unknown as TranslationBundle;
