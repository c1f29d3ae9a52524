import { rmSync } from 'node:fs';

const root = new URL('..', import.meta.url);
for (const made of [
  'lib',
  'tsconfig.tsbuildinfo',
  '../tfs_notebook/labextensions',
  '../tfs_notebook/web_page'
]) {
  rmSync(new URL(made, root), { recursive: true, force: true });
}
