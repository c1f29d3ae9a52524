import { rmSync } from 'node:fs';

const root = new URL('..', import.meta.url);
for (const made of ['lib', 'tsconfig.tsbuildinfo', '../tfs_notebook/labextensions']) {
  rmSync(new URL(made, root), { recursive: true, force: true });
}
