import type { Metadata, TensorFacts } from '../api/answers';

/** A value with the structure of JSON. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const MOST_ELEMENTS = 400;

/** A body that fits the inputs of a version; hardly more than its frame where they are large. */
export function exampleBody(metadata: Metadata): string {
  const inputs = metadata.inputs;
  if (inputs.some(input => elements(input) > MOST_ELEMENTS)) {
    return '{\n  "instances": []\n}';
  }
  const [only] = inputs;
  if (inputs.length === 1 && only) {
    return `{\n  "instances": ${JSON.stringify(exampleOf(only))}\n}`;
  }
  const lines = inputs.map(
    input => `    ${JSON.stringify(input.name)}: ${JSON.stringify(exampleOf(input))}`
  );
  return `{\n  "inputs": {\n${lines.join(',\n')}\n  }\n}`;
}

/** One row of zeros, of false or of empty texts. */
function exampleOf(input: TensorFacts): Json {
  const element: Json =
    input.datatype === 'BYTES'
      ? ''
      : input.datatype === 'BOOL'
        ? false
        : zero(input.datatype);
  return input.shape
    .map(size => (size < 0 ? 1 : size))
    .reduceRight<Json>((inner, size) => Array.from({ length: size }, () => inner), element);
}

function zero(datatype: string): number {
  return datatype.startsWith('FP') || datatype.startsWith('BF') ? 1.5 : 1;
}

/** How many elements one row has. */
function elements(input: TensorFacts): number {
  return input.shape.reduce((all, size) => all * Math.max(1, size), 1);
}

/**
 * The inputs by name that a body sends, whichever of the two formats it has; null if it has
 * neither.
 */
export function inputsOf(body: string, metadata: Metadata): Map<string, Json> | null {
  let document: Json;
  try {
    document = JSON.parse(body) as Json;
  } catch {
    return null;
  }
  if (document === null || typeof document !== 'object' || Array.isArray(document)) {
    return null;
  }
  const [first] = metadata.inputs;
  const { instances, inputs } = document;
  if (Array.isArray(instances)) {
    return columnsOf(instances, first?.name ?? '');
  }
  if (inputs === undefined) {
    return null;
  }
  if (inputs !== null && typeof inputs === 'object' && !Array.isArray(inputs) && first) {
    return new Map(Object.entries(inputs));
  }
  return new Map([[first?.name ?? '', inputs]]);
}

/** Rows with names become a column for each; rows without are one column. */
function columnsOf(rows: readonly Json[], only: string): Map<string, Json> {
  const columns = new Map<string, Json[]>();
  for (const row of rows) {
    const named =
      row !== null && typeof row === 'object' && !Array.isArray(row) && !('b64' in row);
    for (const [name, value] of named ? Object.entries(row) : [[only, row] as const]) {
      columns.set(name, [...(columns.get(name) ?? []), value]);
    }
  }
  return columns;
}
