import { count, shortNumber } from '../src/text/figures';

test('what is counted is whole', () => {
  expect([0, 6, 120, 9999].map(count)).toEqual(['0', '6', '120', '9999']);
  expect(count(12_345)).toBe('12.3k');
});

test('what is measured has three digits or so', () => {
  expect([0, 0.5, 6, 31.84, 548.2, 12_345, 250_000].map(shortNumber)).toEqual([
    '0',
    '0.50',
    '6.00',
    '31.8',
    '548',
    '12.3k',
    '250k'
  ]);
});
