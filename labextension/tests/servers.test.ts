import type { Reply } from '../src/api/connection';
import { Client } from '../src/api/client';
import { metadataOf, modelOf } from '../src/api/serving';
import { shownVersions } from '../src/server/health';
import { OtherServer, Servers } from '../src/server/servers';
import { WatchedModels } from '../src/server/watchedModels';
import type { ServerWatch } from '../src/server/watch';
import { overview } from './overviews';

type Answers = Record<string, readonly [number, unknown]>;

const STATES = {
  model_version_status: [
    { version: '2', state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } },
    { version: '1', state: 'END', status: {} }
  ]
} as const;
const SIGNATURES = {
  model_spec: { name: 'half', version: '2' },
  metadata: {
    signature_def: {
      signature_def: {
        serving_default: {
          inputs: {
            x: {
              dtype: 'DT_FLOAT',
              tensor_shape: { dim: [{ size: '-1' }, { size: '3' }] }
            },
            a: { dtype: 'DT_STRING', tensor_shape: { unknown_rank: true } }
          },
          outputs: {}
        }
      }
    }
  }
};
const SERVING: Answers = {
  '': [200, { kind: 'serving', problem: '' }],
  'v1/models/half': [200, STATES],
  'v1/models/half/versions/2/metadata': [200, SIGNATURES],
  'v1/models/nobody': [404, { error: 'Could not find any versions of model nobody' }]
};

const OURS: Answers = {
  '': [200, { kind: 'ours', problem: '' }],
  'v2/repository/overview': [200, overview()]
};

function looked(answers: Answers) {
  const asked: string[] = [];
  const send = (path: string): Promise<Reply> => {
    const [, server, inner] = /^(?:servers\/([^/]+)\/?)?(.*)$/.exec(path) ?? [];
    asked.push(inner!);
    const [status, document] = answers[inner!] ?? [502, { error: `${server}: no` }];
    const text = JSON.stringify(document);
    return Promise.resolve({ ok: status < 300, status, text, header: () => null });
  };
  const watched = new WatchedModels();
  const watch = {} as unknown as ServerWatch;
  const servers = new Servers(new Client(send), watch, send, watched, 1000);
  const far = servers.find('far:8501') as OtherServer;
  return { asked, servers, watched, far };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('a server that lists no models is asked for those that are named', async () => {
  const { asked, watched, far } = looked(SERVING);
  await far.watch.look();
  expect(far.watch.seen).toEqual({ kind: 'serving', models: [], problem: '' });
  // Of what it does not have nothing is asked: each 404 would be in the browser's console.
  expect(asked).toEqual(['']);
  watched.add('far:8501', 'half');
  watched.add('far:8501', 'nobody');
  watched.add('other', 'not of this one');
  await far.watch.look();
  expect(far.watch.models?.map(one => [one.name, one.problem])).toEqual([
    ['half', undefined],
    ['nobody', 'Could not find any versions of model nobody']
  ]);
  expect(asked.slice(1)).toEqual(['v1/models/half', 'v1/models/nobody']);
  far.watch.dispose();
});

test('a name is asked for as soon as it is given', async () => {
  const { watched, far } = looked(SERVING);
  watched.add('far:8501', 'half');
  await jest.advanceTimersByTimeAsync(200);
  expect(far.watch.models?.map(one => one.name)).toEqual(['half']);
  far.watch.dispose();
});

test('a server of ours tells all of its models', async () => {
  const { far } = looked(OURS);
  await far.watch.look();
  expect(far.watch.seen.kind).toBe('ours');
  expect(far.watch.models?.map(one => one.name)).toEqual(['spam']);
  expect(far.watch.history.since).toBe(1000);
  far.watch.dispose();
});

test('a server that does not answer says why, and what it is may be another after', async () => {
  const answers: Answers = { ...SERVING };
  const { watched, far } = looked(answers);
  watched.add('far:8501', 'half');
  await far.watch.look();
  delete answers['v1/models/half'];
  await expect(far.watch.look()).rejects.toThrow('far%3A8501: no');
  expect(far.watch.seen).toEqual({ kind: null, models: null, problem: 'far%3A8501: no' });
  answers[''] = [200, { kind: null, problem: 'it takes no connections' }];
  await expect(far.watch.look()).rejects.toThrow('it takes no connections');
  expect(far.watch.reason).toBe('it takes no connections');
  Object.assign(answers, OURS);
  await far.watch.look();
  expect(far.watch.seen.kind).toBe('ours');
  far.watch.dispose();
});

test('what is not allowed is no TensorFlow Serving, and says what would allow it', async () => {
  const refusal = { error: 'set TfsNotebookApp.allowed_servers' };
  const { far } = looked({ '': [403, refusal] });
  await expect(far.watch.look()).rejects.toThrow();
  expect(far.watch.reason).toBe('set TfsNotebookApp.allowed_servers');
  far.watch.dispose();
});

test('what a version takes is told by its signature', async () => {
  const { asked, far } = looked(SERVING);
  const metadata = await far.client.metadata('half', '2');
  expect(asked).toEqual(['', 'v1/models/half/versions/2/metadata']);
  expect(metadata.inputs).toEqual([
    { name: 'a', datatype: 'BYTES', shape: [-1] },
    { name: 'x', datatype: 'FP32', shape: [-1, 3] }
  ]);
  expect(metadata.raw_input).toBeUndefined();
  far.watch.dispose();
});

test('another signature stands in for a default that there is not', () => {
  const { signature_def: all } = SIGNATURES.metadata.signature_def;
  const metadata = metadataOf({
    ...SIGNATURES,
    metadata: { signature_def: { signature_def: { other: all.serving_default } } }
  });
  expect(metadata.inputs).toHaveLength(2);
});

test('a failed version of a TensorFlow Serving is shown beside one that serves', () => {
  const model = modelOf('half', {
    model_version_status: [
      ...STATES.model_version_status,
      {
        version: '3',
        state: 'END',
        status: { error_code: 'DATA_LOSS', error_message: 'cannot be parsed' }
      }
    ]
  });
  expect(shownVersions(model).map(one => [one.version, one.error])).toEqual([
    ['3', 'cannot be parsed'],
    ['2', null]
  ]);
});

test('a server is meant by its name or its address', async () => {
  const listed = [
    { name: 'prod', address: 'https://serving.example/tf', has_token: true },
    { name: 'far:8501', address: 'http://far:8501', has_token: false }
  ];
  const { servers } = looked({ servers: [200, { servers: listed, trait: '' }] });
  await servers.fetch();
  expect(servers.entries).toEqual(listed);
  expect(servers.nameOf(' prod ')).toBe('prod');
  expect(servers.nameOf('https://serving.example/tf/')).toBe('prod');
  expect(servers.nameOf('http://far:8501/v1/')).toBe('far:8501');
  expect(servers.nameOf('http://else:8501')).toBe('else:8501');
  expect(servers.addressOf('prod')).toBe('https://serving.example/tf');
  expect(servers.addressOf('else:8501')).toBe('http://else:8501');
  expect(servers.entryOf('prod').has_token).toBe(true);
  expect(servers.entryOf('else:8501').has_token).toBe(false);
});

test('while Jupyter tells of no servers, those of before are kept', async () => {
  const listed = [{ name: 'far:8501', address: 'http://far:8501' }];
  const answers: Answers = {};
  const { servers } = looked(answers);
  await servers.fetch();
  expect(servers.entries).toEqual([]);
  expect(servers.allows('far:8501')).toBeNull();
  answers['servers'] = [200, { servers: listed, trait: '' }];
  await servers.fetch();
  delete answers['servers'];
  await servers.fetch();
  expect(servers.entries).toEqual(listed);
  expect([servers.allows('far:8501'), servers.allows('else'), servers.allows('')]).toEqual([
    true,
    false,
    true
  ]);
});

test('names are kept by server, once each', () => {
  const watched = new WatchedModels();
  const changed = jest.fn();
  watched.changed.connect(changed);
  watched.add('one', 'half');
  watched.add('one', 'half');
  watched.add('one', '');
  watched.add('other', 'spam');
  watched.replace({ one: ['half'], other: ['spam'] });
  expect(changed).toHaveBeenCalledTimes(2);
  watched.remove('one', 'half');
  expect(watched.all).toEqual({ other: ['spam'] });
  expect(watched.of('one')).toEqual([]);
});
