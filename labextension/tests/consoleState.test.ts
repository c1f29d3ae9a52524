import type { Client } from '../src/api/client';
import { Refused } from '../src/api/client';
import { ConsoleState } from '../src/console/consoleState';
import { model } from './overviews';

function console() {
  const metadata = jest.fn((name: string) =>
    Promise.resolve({
      name,
      versions: ['1'],
      platform: '',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }],
      outputs: [],
      ...(name === 'spam' ? { raw_input: 'text' as const } : {})
    })
  );
  const judge = jest.fn(() =>
    Promise.resolve({
      answer: { data: { predict: 0, label: 'spam', score: 1 } },
      version: '1',
      milliseconds: 1,
      steps: {}
    })
  );
  const client = { metadata, judge } as unknown as Client;
  const models = ['spam', 'half', 'other'].map(name => model({ name }));
  return {
    state: new ConsoleState(
      () => ({ client, watch: { models } }),
      () => 5
    ),
    metadata,
    judge
  };
}

test('a model decides what it is sent', async () => {
  const { state } = console();
  state.choose('spam', '');
  await state.fetchForm();
  expect(state.view).toMatchObject({ kind: 'text' });
  state.choose('half', '');
  await state.fetchForm();
  expect(state.view.kind).toBe('json');
  expect(JSON.parse(state.view.body)).toEqual({ instances: [1.5] });
});

test('what is typed survives another version, and not another model', async () => {
  const { state } = console();
  state.choose('spam', '');
  await state.fetchForm();
  state.setText('hello');
  state.choose('spam', 'version:1');
  await state.fetchForm();
  expect(state.view.text).toBe('hello');
  state.choose('other', '');
  expect(state.view.text).toBe('');
});

test('what is typed while the form is asked for is not replaced by an example', async () => {
  const { state } = console();
  state.choose('half', '');
  const again = state.fetchForm();
  state.setBody('{"instances": [7]}');
  await again;
  expect(state.view.body).toBe('{"instances": [7]}');
});

test('nothing is sent while there is nothing', async () => {
  const { state, judge } = console();
  state.choose('spam', '');
  await state.fetchForm();
  state.setText('  ');
  await state.send();
  expect(judge).not.toHaveBeenCalled();
});

test('two versions are asked at once', async () => {
  const { state, judge } = console();
  state.choose('spam', '');
  await state.fetchForm();
  state.compareWith('version:1');
  state.setText('hello');
  await state.send();
  const calls = judge.mock.calls as unknown as unknown[][];
  expect(calls.map(call => call.slice(0, 3))).toEqual([
    [{ text: 'hello' }, { model: 'spam' }, 5],
    [{ text: 'hello' }, { model: 'spam', version: '1' }, 5]
  ]);
  expect(state.view.outcomes).toHaveLength(2);
});

test('a refusal is an outcome', async () => {
  const { state, judge } = console();
  judge.mockRejectedValueOnce(new Refused(400, 'too long'));
  state.choose('spam', '');
  await state.fetchForm();
  state.setText('hello');
  await state.send();
  expect(state.view.outcomes).toEqual([{ target: { model: 'spam' }, error: 'too long' }]);
});

test('an answer that comes late is not shown for a later question', async () => {
  const { state, judge } = console();
  state.choose('spam', '');
  await state.fetchForm();
  let answer: (value: never) => void = () => undefined;
  judge.mockReturnValueOnce(new Promise(resolve => (answer = resolve as typeof answer)));
  state.setText('first');
  const first = state.send();
  state.setText('second');
  await state.send();
  answer({ answer: { data: { label: 'late' } }, steps: {} } as never);
  await first;
  expect(state.view.asked).toEqual({ kind: 'text', text: 'second' });
});

/** An answer that comes when the test says so, and the signal of the request. */
function late(judge: jest.Mock) {
  let answer: (value: never) => void = () => undefined;
  judge.mockReturnValueOnce(new Promise(resolve => (answer = resolve as typeof answer)));
  return {
    come: () =>
      answer({ answer: { data: { label: 'late' } }, version: '1', steps: {} } as never),
    signal: () => (judge.mock.calls as unknown[][])[0]![3] as AbortSignal
  };
}

test.each<[string, (state: ConsoleState) => void]>([
  ['another model', state => state.choose('half', '')],
  ['another server', state => state.chooseServer('far:8501')],
  ['another kind of input', state => state.setKind('json')],
  ['no answer', state => state.cancel()]
])('an answer is not waited for once %s is wanted', async (_, change) => {
  const { state, judge } = console();
  const answer = late(judge);
  state.choose('spam', '');
  await state.fetchForm();
  state.setText('hello');
  const sent = state.send();
  expect(state.view.isAsking).toBe(true);
  change(state);
  expect(answer.signal().aborted).toBe(true);
  expect(state.view.isAsking).toBe(false);
  answer.come();
  await sent;
  expect(state.view.outcomes).toEqual([]);
});

test('what was answered before a question that is cancelled stays', async () => {
  const { state, judge } = console();
  state.choose('spam', '');
  await state.fetchForm();
  state.setText('hello');
  await state.send();
  const before = state.view.outcomes;
  judge.mockReturnValueOnce(new Promise(() => undefined));
  void state.send();
  state.cancel();
  expect(state.view.outcomes).toBe(before);
  expect(before).toHaveLength(1);
});

const PNG = new Blob([new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])]);

test('a file that is no image is not sent, and its name is told', async () => {
  const { state, judge } = console();
  state.choose('spam', '');
  await state.fetchForm();
  await state.takeFile('notes.png', new Blob(['these are notes']));
  expect(judge).not.toHaveBeenCalled();
  expect(state.view).toMatchObject({ unreadable: 'notes.png', picture: null });
  await state.takeFile('cat', PNG);
  expect(judge).toHaveBeenCalledTimes(1);
  expect(state.view).toMatchObject({ unreadable: '', picture: { name: 'cat' } });
  await state.takeFile('empty.png', new Blob([]));
  expect(state.view).toMatchObject({
    unreadable: 'empty.png',
    picture: null,
    outcomes: []
  });
});

test('the address of a picture is given back with the picture', async () => {
  const revoke = jest.spyOn(URL, 'revokeObjectURL');
  const { state } = console();
  state.choose('spam', '');
  await state.takeFile('cat', PNG);
  const { url } = state.view.picture!;
  state.choose('half', '');
  expect(revoke).toHaveBeenCalledWith(url);
  expect(state.view.picture).toBeNull();
});

test('a server that may be asked no more gives way to the own one', async () => {
  const { state } = console();
  state.chooseServer('far:8501');
  state.fallBack();
  expect(state.view).toMatchObject({ server: '', model: '', lost: 'far:8501' });
  state.choose('spam', '');
  expect(state.view.lost).toBe('far:8501');
  state.chooseServer('near:8501');
  expect(state.view.lost).toBeNull();
  await state.fetchForm();
});

test('what is wrong with a version is forgotten with the version', async () => {
  const { state, metadata } = console();
  metadata.mockRejectedValueOnce(new Refused(503, 'not now'));
  state.choose('spam', '');
  await state.fetchForm();
  state.choose('spam', 'label:gone');
  await state.fetchForm();
  expect(state.view.problem).toBe('');
});

test('another server is asked afresh', async () => {
  const { state, metadata } = console();
  state.choose('half', 'version:1');
  await state.fetchForm();
  state.chooseServer('far:8501');
  expect(state.view).toMatchObject({
    server: 'far:8501',
    model: '',
    choice: '',
    form: null
  });
  state.choose('half', '');
  expect(state.view.server).toBe('far:8501');
  state.chooseServer('far:8501');
  expect(state.view.model).toBe('half');
  await state.fetchForm();
  expect(metadata).toHaveBeenCalled();
});
