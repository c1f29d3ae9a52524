import type { TranslationBundle } from '@jupyterlab/translation';

/** Texts with their translations, in the form of JupyterLab's. */
export type Catalogue = Readonly<Record<string, unknown>>;

/** A text with what belongs in its places: `%1` stands for the first. */
export function filled(text: string, values: readonly unknown[]): string {
  return text.replace(/%(\d)/g, (place, number: string) =>
    Number(number) > values.length ? place : String(values[Number(number) - 1])
  );
}

/** Texts in the language of a catalogue; as they are written, without one. */
export function translationOf(catalogue: Catalogue): TranslationBundle {
  const gettext = (text: string, ...values: unknown[]) => {
    const found = catalogue[text];
    const [translated] = Array.isArray(found) ? (found as unknown[]) : [];
    return filled(typeof translated === 'string' ? translated : text, values);
  };
  const ngettext = (one: string, many: string, count: number, ...values: unknown[]) =>
    gettext(count === 1 ? one : many, ...values);
  // No text of these components has a context.
  return {
    __: gettext,
    gettext,
    _n: ngettext,
    ngettext,
    _p: (_, ...text) => gettext(...text),
    pgettext: (_, ...text) => gettext(...text),
    _np: (_, ...text) => ngettext(...text),
    npgettext: (_, ...text) => ngettext(...text),
    dcnpgettext: (_, __, ...text) => ngettext(...text)
  };
}
