import { kindsText, stepText, unusualKind } from '../src/text/kinds';
import { trans } from './bundle';
import { model, version } from './overviews';

test('a kind is shown if it is not the usual one, and all versions are of it', () => {
  const kindOf = (...kinds: (string | null)[]) =>
    unusualKind(
      model({
        versions: kinds.map((kind, place) => version({ version: String(place), kind }))
      })
    );
  expect(kindOf('saved_model')).toBeNull();
  expect(kindOf('tflite', 'tflite')).toBe('tflite');
  expect(kindOf('tflite', 'saved_model')).toBeNull();
  expect(kindOf('ensemble', null)).toBe('ensemble');
  expect(kindOf(null)).toBeNull();
});

test('where versions differ, each is told', () => {
  const versions = [
    { version: '2', kind: 'function' },
    { version: '1', kind: 'saved_model' }
  ];
  expect(kindsText(versions, trans)).toBe(
    'version 2: Python function, version 1: SavedModel'
  );
  expect(kindsText(versions.slice(0, 1), trans)).toBe('Python function');
  expect(kindsText([{ version: '1', kind: null }], trans)).toBe('');
  expect(kindsText([{ version: '1', kind: 'hashmap' }], trans)).toBe('hashmap');
});

test('the steps of an ensemble are told with what they ask', () => {
  const step = { name: 'clean', model: 'words', version: null, label: null };
  expect(stepText(step, trans)).toBe('clean: words');
  expect(stepText({ ...step, version: '2' }, trans)).toBe('clean: version 2 of words');
  expect(stepText({ ...step, label: 'prod' }, trans)).toBe('clean: prod of words');
});
