import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const CATALOGUE = join(ROOT, '../tfs_notebook/locale/zh_CN/LC_MESSAGES/tfs_notebook.json');
const CONTEXT = '\u0004';

type Catalogue = Record<string, string[]>;

function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap(entry => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? sources(path) : [readFileSync(path, 'utf8')];
  });
}

function textsOfCode(): Set<string> {
  const texts = new Set<string>();
  for (const source of ['src', 'web'].flatMap(one => sources(join(ROOT, one)))) {
    for (const call of source.matchAll(/trans\.__\(\s*('(?:[^'\\]|\\.)*')?/g)) {
      // Only a literal can be found by those who translate.
      expect(call[1]).toBeDefined();
      texts.add(call[1]!.slice(1, -1));
    }
  }
  return texts;
}

function textsOfSettings(): string[] {
  const schema = JSON.parse(readFileSync(join(ROOT, 'schema/plugin.json'), 'utf8')) as {
    title: string;
    description: string;
    properties: Record<string, { title: string; description: string }>;
  };
  return [
    ...[schema.title, schema.description].map(text => `schema${CONTEXT}${text}`),
    `settings${CONTEXT}Model Server`,
    ...Object.values(schema.properties).flatMap(({ title, description }) =>
      [title, description].map(text => `settings${CONTEXT}${text}`)
    )
  ];
}

const catalogue = JSON.parse(readFileSync(CATALOGUE, 'utf8')) as Catalogue;

test('every text has its translation, and there is none too many', () => {
  const texts = [...textsOfCode(), ...textsOfSettings()];
  const translated = Object.keys(catalogue).filter(text => text !== '');
  expect(translated.sort()).toEqual([...new Set(texts)].sort());
});

test('a translation has the places of its text', () => {
  const places = (text: string) => [...text.matchAll(/%\d/g)].map(one => one[0]).sort();
  for (const [text, translations] of Object.entries(catalogue)) {
    if (text !== '') {
      const [translation] = translations;
      expect(places(translation!)).toEqual(places(text));
      expect(translation).not.toBe('');
    }
  }
});
