import { isImage } from '../src/console/pictures';
import { scaleOf } from '../src/console/scale';

test('shares are told as percent', () => {
  const scale = scaleOf([0.9, 0.1]);
  expect(scale.words(0.9)).toBe('90.0 %');
  expect(scale.share(0.9)).toBe(0.9);
});

test('what is no share is told as it is', () => {
  const scale = scaleOf([8, 2, -4]);
  expect([8, -4].map(scale.words)).toEqual(['8.00', '−4.00']);
  expect([8, 2, -4].map(scale.share)).toEqual([1, 0.25, 0]);
  expect(scaleOf([-1, -2]).share(-1)).toBe(0);
});

test('a score that is no number is told as unknown', () => {
  const scale = scaleOf([NaN, 0.5]);
  expect([scale.words(NaN), scale.words(0.5)]).toEqual(['–', '50.0 %']);
  expect(scale.share(NaN)).toBe(0);
});

test.each([
  ['GIF89a', true],
  ['BM....', true],
  ['RIFF\x01\x02\x03\x04WEBPVP8 ', true],
  ['\xff\xd8\xff\xe0', true],
  ['RIFF\x01\x02\x03\x04WAVE', false],
  ['<svg xmlns="', false],
  ['', false]
])('%j begins an image: %s', async (text, expected) => {
  const bytes = Uint8Array.from(text, character => character.charCodeAt(0));
  expect(await isImage(new Blob([bytes]))).toBe(expected);
});
