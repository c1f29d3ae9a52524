import { numberOf, readExactly, writeExactly } from '../src/api/exactNumbers';
import { compareValues } from '../src/console/comparison';
import type { Json } from '../src/console/example';

const read = (text: string) => readExactly(text) as Json;

test.each([
  '{"predictions": [NaN, Infinity, -Infinity, 1.5]}',
  '[9223372036854775807, -9223372036854775808, 1234567890123456]',
  '["NaN", "12345678901234567", "a \\"NaN\\" in it"]',
  '[0.1234567890123456, 1.2e+20, -3]'
])('%s is shown as it came', text => {
  const shown = writeExactly(readExactly(text)).replace(/\s/g, '');
  const plain = text.replace(/\s/g, '').replace('1.2e+20', '120000000000000000000');
  expect(shown).toBe(plain);
});

test('what is no JSON is none', () => {
  expect(() => readExactly('<html>')).toThrow(SyntaxError);
  expect(() => readExactly('[NaN')).toThrow(SyntaxError);
});

test('they are compared as numbers', () => {
  expect(numberOf(read('NaN'))).toBeNaN();
  expect(numberOf('NaN')).toBeNull();
  expect(compareValues(read('[NaN]'), read('[NaN]')).kind).toBe('same');
  expect(compareValues(read('[NaN]'), read('[1]')).kind).toBe('different');
  const [one, other] = [read('9007199254740993'), read('9007199254740992')];
  expect(compareValues(one, one).kind).toBe('same');
  expect(compareValues(one, other).kind).toBe('close');
  expect(compareValues(1, 1.5)).toEqual({ kind: 'close', most: 0.5 });
});
