/** Begins a text that stands for a number which JavaScript cannot hold. */
const MARK = '\u0001';
const NEEDED = /NaN|Infinity|\d{16}/;
const TOKENS = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?(?:NaN|Infinity|\d{16,}(?![\d.eE]))/g;

/**
 * JSON as TensorFlow Serving writes it: with `NaN` and `Infinity`, and with whole numbers of 64
 * bits. They become texts that `writeExactly` writes as they came.
 *
 * Fails with `SyntaxError`.
 */
export function readExactly(text: string): unknown {
  const marked = NEEDED.test(text)
    ? text.replace(TOKENS, token =>
        token.startsWith('"') ? token : JSON.stringify(MARK + token)
      )
    : text;
  return JSON.parse(marked);
}

/** A value for the eye, a line for each element. */
export function writeExactly(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(/"\\u0001([^"]*)"/g, '$1');
}

/** A number, be it exact or not; null if it is none. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') {
    return value;
  }
  return typeof value === 'string' && value.startsWith(MARK)
    ? Number(value.slice(MARK.length))
    : null;
}
