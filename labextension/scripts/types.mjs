// The types of what the server answers, from the schemas that its real answers are tested with.
import { readFileSync, writeFileSync } from 'node:fs';
import { compile } from 'json-schema-to-typescript';

const root = new URL('..', import.meta.url);
const schema = JSON.parse(readFileSync(new URL('api/answers.schema.json', root), 'utf8'));
const types = await compile(schema, 'Answers', {
  bannerComment: '// Written by scripts/types.mjs from api/answers.schema.json.',
  additionalProperties: false,
  unreachableDefinitions: true,
  style: { singleQuote: true }
});
writeFileSync(new URL('src/api/answers.ts', root), types);
