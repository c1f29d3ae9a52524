import { Client, Refused, predictPath, readSteps } from '../src/api/client';
import type { Reply } from '../src/api/connection';

interface Sent {
  path: string;
  init: RequestInit | undefined;
}

function client(status: number, text: string, headers: Record<string, string> = {}) {
  const sent: Sent[] = [];
  let clock = 0;
  const reply: Reply = {
    ok: status < 300,
    status,
    text,
    header: name => headers[name] ?? null
  };
  const send = (path: string, init?: RequestInit) => {
    sent.push({ path, init });
    return Promise.resolve(reply);
  };
  return { sent, client: new Client(send, () => (clock += 5)) };
}

test('a refusal has the words of the server', async () => {
  const { client: asked } = client(404, '{"error": "there is no model spam"}');
  await expect(asked.overview()).rejects.toEqual(
    new Refused(404, 'there is no model spam')
  );
});

test('what is no JSON is told as it is', async () => {
  const { client: asked } = client(502, '<html>Bad Gateway</html>');
  await expect(asked.status()).rejects.toThrow('502: <html>Bad Gateway');
});

test('a control may answer with nothing', async () => {
  const { client: asked, sent } = client(200, '');
  await asked.label('a/b', { stable: 3, old: null });
  expect(sent[0]?.path).toBe('v2/repository/models/a%2Fb/labels');
  expect(JSON.parse(sent[0]?.init?.body as string)).toEqual({
    parameters: { labels: { stable: 3, old: null } }
  });
});

test('a rollout is told what to do', async () => {
  const { client: asked, sent } = client(200, '{"rollout": null}');
  await asked.steerRollout('spam', 'promote');
  await asked.resetTraffic('spam');
  expect(
    sent.map(one => [one.path, JSON.parse(one.init?.body as string) as unknown])
  ).toEqual([
    ['v2/repository/models/spam/rollout', { parameters: { action: 'promote' } }],
    ['v2/repository/models/spam/traffic', { parameters: { reset: true } }]
  ]);
});

test('a text is judged, with its timing', async () => {
  const { client: asked, sent } = client(200, '{"data": {"label": "spam"}}', {
    'X-Model-Version': '2',
    'Server-Timing': 'queue;dur=1.5, run;dur=2'
  });
  const timed = await asked.judge({ text: 'hi' }, { model: 'spam', version: '2' }, 3);
  expect(timed).toMatchObject({
    version: '2',
    milliseconds: 5,
    steps: { queue: 1.5, run: 2 }
  });
  expect(JSON.parse(sent[0]?.init?.body as string)).toEqual({
    text: 'hi',
    model: 'spam',
    version: '2',
    k: 3,
    words: true
  });
});

test('an image is sent as it is', async () => {
  const { client: asked, sent } = client(200, '{"data": {}}');
  const image = new Blob(['png']);
  await asked.judge({ image }, { model: 'digits', label: 'best' }, 5);
  expect(sent[0]?.path).toBe('predict?model=digits&label=best&k=5');
  expect(sent[0]?.init?.body).toBe(image);
});

test('names are quoted in paths', () => {
  expect(predictPath({ model: 'a b', label: 'ü' })).toBe(
    'v1/models/a%20b/labels/%C3%BC:predict'
  );
  expect(predictPath({ model: 'm', version: '2' })).toBe('v1/models/m/versions/2:predict');
  expect(predictPath({ model: 'm' })).toBe('v1/models/m:predict');
});

test('a header that is not there has no steps', () => {
  expect(readSteps(null)).toEqual({});
});
