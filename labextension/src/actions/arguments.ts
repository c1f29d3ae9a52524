import type { ReadonlyJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';

const TEXT = { type: 'string' } as const;

/** For those who call a command: what it takes. */
export function takes(...names: string[]): {
  args: ReadonlyJSONObject;
} {
  const properties = Object.fromEntries(names.map(name => [name, TEXT]));
  return { args: { type: 'object', properties } };
}

/** An argument of a command, or nothing. */
export function text(args: ReadonlyPartialJSONObject, name: string): string | undefined {
  const value = args[name];
  return typeof value === 'string' && value ? value : undefined;
}
