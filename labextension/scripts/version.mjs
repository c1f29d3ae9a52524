// The version is in one place, tfs_notebook/_version.py: package.json follows it, and the
// front end knows it to compare it with the server's.
import { readFileSync, writeFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const python = readFileSync(new URL('../tfs_notebook/_version.py', root), 'utf8');
const version = /__version__ = "([^"]+)"/.exec(python)?.[1];
if (!version) {
  throw new Error('tfs_notebook/_version.py tells no version');
}

const manifest = new URL('package.json', root);
const described = readFileSync(manifest, 'utf8');
const updated = described.replace(/("version": )"[^"]*"/, `$1"${version}"`);
if (updated !== described) {
  writeFileSync(manifest, updated);
}
writeFileSync(
  new URL('src/version.ts', root),
  `// Written by scripts/version.mjs.\nexport const VERSION = '${version}';\n`
);
