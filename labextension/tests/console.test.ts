import type { Judgement, Metadata } from '../src/api/answers';
import { compareJudgements, compareValues } from '../src/console/comparison';
import { exampleBody, inputsOf } from '../src/console/example';
import { grpcCode } from '../src/console/grpcCode';
import { curlCode, pythonCode } from '../src/console/restCode';
import { optionsOf, targetOf, versionOf, withChosen } from '../src/console/target';
import { verdictOf } from '../src/console/verdict';
import { trans } from './bundle';
import { model, version } from './overviews';

const HALF: Metadata = {
  name: 'half',
  versions: ['1'],
  platform: 'tensorflow_savedmodel',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
  outputs: []
};
const TWO: Metadata = {
  ...HALF,
  inputs: [
    { name: 'id', datatype: 'INT64', shape: [-1] },
    { name: 'word', datatype: 'BYTES', shape: [-1, 2] }
  ]
};
const DOOR = { address: 'http://localhost:8888/tfs', token: 'jupyter' } as const;

test('what is chosen stays among the options when it is served no more', () => {
  const options = [
    ['', 'newest'],
    ['version:2', 'version 2']
  ] as const;
  expect(withChosen(options, 'version:2', 'gone')).toBe(options);
  expect(withChosen(options, '', 'gone')).toBe(options);
  expect(withChosen(options, 'version:1', '1 (not served)')).toEqual([
    ...options,
    ['version:1', '1 (not served)']
  ]);
});

test('an example fits the inputs', () => {
  expect(JSON.parse(exampleBody(HALF))).toEqual({ instances: [[1.5]] });
  expect(JSON.parse(exampleBody(TWO))).toEqual({ inputs: { id: [1], word: [['', '']] } });
  const large = {
    ...HALF,
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 224, 224] }]
  };
  expect(JSON.parse(exampleBody(large))).toEqual({ instances: [] });
});

test('rows become columns, in whichever format they are', () => {
  expect(inputsOf('{"instances": [[1], [2]]}', HALF)).toEqual(new Map([['x', [[1], [2]]]]));
  const rows = '{"instances": [{"id": 1, "word": "a"}, {"id": 2, "word": "b"}]}';
  const columns = new Map<string, unknown>([
    ['id', [1, 2]],
    ['word', ['a', 'b']]
  ]);
  expect(inputsOf(rows, TWO)).toEqual(columns);
  expect(inputsOf('{"inputs": {"id": [1, 2], "word": ["a", "b"]}}', TWO)).toEqual(columns);
  expect(inputsOf('{"inputs": [[3]]}', HALF)).toEqual(new Map([['x', [[3]]]]));
  expect(inputsOf('[1, 2]', HALF)).toBeNull();
  expect(inputsOf('{', HALF)).toBeNull();
});

test('code for the shell is safe whatever the text', () => {
  const question = { kind: 'text', text: "it's $HOME; rm" } as const;
  const code = curlCode(DOOR, question, { model: 'spam', version: '2' }, 3);
  expect(code).toBe(
    `curl -H "Authorization: Bearer $TFS_TOKEN" -d '{"text":"it'"'"'s $HOME; rm","model":"spam","version":2,"k":3}' http://localhost:8888/tfs/predict`
  );
});

test('an image is sent from its file', () => {
  const picture = { name: 'my cat.png', bytes: new Blob([]), url: '' };
  const question = { kind: 'image', picture } as const;
  const code = curlCode(DOOR, question, { model: 'digits' }, 3);
  expect(code).toContain("--data-binary '@my cat.png'");
  expect(code).toContain("'http://localhost:8888/tfs/predict?model=digits&k=3'");
  expect(pythonCode(DOOR, question, { model: 'digits' }, 3)).toContain(
    'with open("my cat.png", "rb") as file:'
  );
});

test('a body is sent as it was typed', () => {
  const question = { kind: 'json', body: '{"instances": [1.0]}' } as const;
  const target = { model: 'half', label: 'stable' };
  expect(curlCode(DOOR, question, target, 5)).toContain(
    `-d '{"instances": [1.0]}' http://localhost:8888/tfs/v1/models/half/labels/stable:predict`
  );
  expect(pythonCode(DOOR, question, target, 5)).toContain(
    String.raw`body = "{\"instances\": [1.0]}"`
  );
});

test('gRPC takes tensors alone', () => {
  const json = { kind: 'json', body: '{"instances": [[1], [2]]}' } as const;
  const code = grpcCode(DOOR, json, { model: 'half', version: '3' }, HALF);
  expect(code).toContain(
    'request.inputs["x"].CopyFrom(tf.make_tensor_proto([[1], [2]], tf.float32))'
  );
  expect(code).toContain('request.model_spec.version.value = 3');
  const text = grpcCode(DOOR, { kind: 'text', text: 'hi' }, { model: 'half' }, HALF);
  expect(text).toContain('made up here');
  expect(text).toContain('tf.zeros([1, 1], tf.float32)');
});

test('another server wants no token of Jupyter, and has its own port', () => {
  const door = { address: 'http://far:8501', token: null };
  const json = { kind: 'json', body: '{"instances": [[1]]}' } as const;
  const target = { model: 'half' };
  expect(curlCode(door, json, target, 5)).toBe(
    `curl -d '{"instances": [[1]]}' http://far:8501/v1/models/half:predict`
  );
  expect(pythonCode(door, json, target, 5)).not.toContain('TFS_TOKEN');
  const code = grpcCode(door, json, target, HALF);
  expect(code).toContain('address = "far:8500"');
  expect(code).not.toContain('tfs_notebook');
});

test('where gRPC wants a token there is a place for it', () => {
  const json = { kind: 'json', body: '{"instances": [[1]]}' } as const;
  const target = { model: 'half' };
  const door = { address: 'http://far:8501', token: null, grpcToken: true } as const;
  const code = grpcCode({ ...door, grpc: 'far:8500' }, json, target, HALF);
  expect(code).toContain('import os\n');
  expect(code).toContain('"Bearer " + os.environ["TFS_TOKEN"]');
  expect(code).toContain('stub.Predict(request, timeout=60, metadata=metadata)');
  expect(code).toContain('grpc.insecure_channel(address)');
  // Not in the clear to a server of which it is known that it has a certificate.
  expect(grpcCode({ ...door, address: 'https://far' }, json, target, HALF)).toContain(
    'grpc.secure_channel(address, grpc.ssl_channel_credentials())'
  );
  expect(curlCode(door, json, target, 5)).not.toContain('TFS_TOKEN');
});

test('values are compared by place', () => {
  expect(compareValues([1, 'a'], [1, 'a'])).toEqual({ kind: 'same', most: 0 });
  expect(compareValues({ y: [1, 2] }, { y: [1, 2.5] })).toEqual({
    kind: 'close',
    most: 0.5
  });
  expect(compareValues([1, 'a'], [9, 'b']).kind).toBe('different');
  expect(compareValues([1], [1, 2]).kind).toBe('different');
  expect(compareValues({ y: [1] }, { z: [1] }).kind).toBe('different');
});

test('judgements are compared by label', () => {
  const judged = (label: string, index: number, score: number): Judgement => ({
    predict: index,
    label,
    score,
    top: [
      { label: 'spam', index: 0, score: index === 0 ? score : 1 - score },
      { label: 'pass', index: 1, score: index === 1 ? score : 1 - score }
    ]
  });
  const same = compareJudgements(judged('spam', 0, 0.75), judged('spam', 0, 0.5));
  expect(same).toEqual({ kind: 'close', most: 0.25 });
  expect(compareJudgements(judged('spam', 0, 0.75), judged('pass', 1, 0.5))).toEqual({
    kind: 'different',
    most: 0.25
  });
});

test('a verdict says what a label means', () => {
  const judged = { predict: 0, label: 'spam', score: 0.9 };
  expect(verdictOf(judged, trans)).toMatchObject({ text: 'spam: stop it', tone: 'bad' });
  expect(verdictOf({ ...judged, label: 'pass', score: 0.5 }, trans)).toMatchObject({
    tone: 'good',
    isUnsure: true
  });
  expect(verdictOf({ ...judged, label: 'seven' }, trans).text).toBe('seven');
});

test('versions and labels can be asked', () => {
  const versions = [version(), version({ version: '2', state: 'LOADING' })];
  const one = model({ versions, labels: { stable: 1 } });
  expect(optionsOf(one, trans).map(option => option.choice)).toEqual([
    '',
    'version:1',
    'label:stable'
  ]);
  expect(targetOf('spam', 'label:stable')).toEqual({ model: 'spam', label: 'stable' });
  expect(versionOf(one, 'label:stable')).toBe('1');
  expect(versionOf(one, '')).toBe('1');
  expect(versionOf(one, 'label:none')).toBeUndefined();
});
