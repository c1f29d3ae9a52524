import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = /^(.*\/node_modules\/(@[^/]+\/[^/]+|[^@/][^/]*))\//;

/** The licences of the packages that these files are from, as a text to pass on with them. */
export function licencesOf(files) {
  const packages = new Map();
  for (const file of files) {
    const [, directory, name] = PACKAGE.exec(file) ?? [];
    if (name !== undefined) {
      packages.set(name, directory);
    }
  }
  return [...packages].sort().map(told).join('\n');
}

function told([name, directory]) {
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const { version, license, author } = manifest;
  const holder = typeof author === 'string' ? author : author?.name;
  const head = [`${name} ${version}`, license, holder].filter(Boolean).join(', ');
  return `${head}\n\n${textIn(directory)}`;
}

function textIn(directory) {
  const name = readdirSync(directory).find(one => /^licen[cs]e/i.test(one));
  const path = name && join(directory, name);
  return path && existsSync(path) ? `${readFileSync(path, 'utf8').trim()}\n` : '';
}
