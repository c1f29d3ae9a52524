// Bundles the page of the standalone server: web/ and what it uses of src/ and style/, with no
// file from elsewhere. The server reads what is in the directory when it starts.
import { rspack } from '@rspack/core';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { licencesOf } from './licences.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = fileURLToPath(new URL('../../tfs_notebook/web_page', import.meta.url));

const compiler = rspack({
  context: root,
  mode: 'production',
  target: ['web', 'es2022'],
  entry: { page: './web/main.tsx' },
  output: {
    path: output,
    filename: '[name].[contenthash:16].js',
    chunkFilename: '[name].[contenthash:16].js',
    cssFilename: '[name].[contenthash:16].css',
    publicPath: '/web/',
    clean: true
  },
  resolve: { extensions: ['.tsx', '.ts', '.mjs', '.js'] },
  module: {
    rules: [
      {
        test: /\.tsx?$/,
        loader: 'builtin:swc-loader',
        options: {
          jsc: {
            parser: { syntax: 'typescript', tsx: true },
            transform: { react: { runtime: 'automatic' } },
            target: 'es2022'
          }
        },
        type: 'javascript/auto'
      },
      // package.json says that JupyterLab's alone have effects.
      { test: /\.css$/, type: 'css', sideEffects: true }
    ]
  },
  performance: { maxAssetSize: 600_000, maxEntrypointSize: 600_000 },
  devtool: false
});

const stats = await new Promise((resolve, reject) => {
  compiler.run((error, done) => (error ? reject(error) : resolve(done)));
});
if (stats.hasErrors() || stats.hasWarnings()) {
  process.stderr.write(stats.toString({ preset: 'errors-warnings' }));
  process.exit(1);
}
const built = stats.toJson({ all: false, assets: true, entrypoints: true });
const tags = built.entrypoints.page.assets.map(({ name }) =>
  name.endsWith('.css')
    ? `<link rel="stylesheet" href="/web/${name}" />`
    : `<script defer src="/web/${name}"></script>`
);
const template = readFileSync(new URL('../web/index.html', import.meta.url), 'utf8');
writeFileSync(
  `${output}/index.html`,
  template.replace('<!-- built -->', tags.join('\n    '))
);

const files = stats.compilation.fileDependencies;
writeFileSync(`${output}/third-party-licenses.txt`, licencesOf(files));
