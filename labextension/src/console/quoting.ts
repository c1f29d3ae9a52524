import type { Json } from './example';

/** A word of a shell line. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** A text as Python. */
export function pythonText(text: string): string {
  return JSON.stringify(text);
}

/** A value as Python. */
export function pythonValue(value: Json): string {
  if (Array.isArray(value)) {
    return `[${value.map(pythonValue).join(', ')}]`;
  }
  if (value === null) {
    return 'None';
  }
  switch (typeof value) {
    case 'boolean':
      return value ? 'True' : 'False';
    case 'string':
      return pythonText(value);
    case 'number':
      return String(value);
    default: {
      const pairs = Object.entries(value).map(
        ([key, one]) => `${pythonText(key)}: ${pythonValue(one)}`
      );
      return `{${pairs.join(', ')}}`;
    }
  }
}
