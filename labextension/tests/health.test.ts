import type { HostStatus } from '../src/api/answers';
import {
  Seen,
  healthOf,
  labelsOf,
  servingVersions,
  shownVersions
} from '../src/server/health';
import { model, overview, version } from './overviews';

function seen(state: HostStatus['state'], changes: Partial<Seen> = {}): Seen {
  const status: HostStatus = {
    state,
    reason: '',
    pid: 1,
    restarts: 0,
    started: 1,
    memory: 1,
    version: '0.1.0'
  };
  return { status, overview: null, problem: null, ...changes };
}

test.each([
  ['starting', 'starting'],
  ['restarting', 'starting'],
  ['quarantined', 'failing'],
  ['stopped', 'stopped'],
  ['ready', 'starting']
] as const)(
  'a server that is %s and tells nothing of its models is %s',
  (state, health) => {
    expect(healthOf(seen(state))).toBe(health);
  }
);

test('the models decide how a server that runs does', () => {
  const ended = [{ time: 5, state: 'END', error: 'no such file' } as const];
  const failed = version({
    version: '2',
    state: 'END',
    error: 'no such file',
    history: ended
  });
  const loading = version({ version: '2', state: 'LOADING' });
  const health = (...versions: ReturnType<typeof version>[]) =>
    healthOf(seen('ready', { overview: overview({ models: [model({ versions })] }) }));
  expect(health(version())).toBe('ready');
  expect(health(version(), loading)).toBe('loading');
  const up = [{ time: 1, state: 'AVAILABLE', error: null } as const];
  expect(health(version({ history: up }), failed)).toBe('failing');
  // A newer version has overtaken the failure.
  expect(health(version({ version: '3' }), failed)).toBe('ready');
});

test('a failure is overtaken by what comes up after it', () => {
  const history = (time: number, state: 'END' | 'AVAILABLE') => [
    { time, state, error: null }
  ];
  const failed = version({
    version: '2',
    state: 'END',
    error: 'broken',
    history: history(5, 'END')
  });
  const shown = (time: number) => {
    const older = version({ history: history(time, 'AVAILABLE') });
    return shownVersions(model({ versions: [older, failed] })).length;
  };
  expect(shown(1)).toBe(2);
  expect(shown(9)).toBe(1);
});

test('nobody answers', () => {
  expect(healthOf({ status: null, overview: null, problem: null })).toBeNull();
  const problem = { kind: 'unreachable', message: 'no' } as const;
  expect(healthOf({ status: null, overview: null, problem })).toBe('unreachable');
});

test('versions are shown with the newest first, and those that have ended are not', () => {
  const versions = [
    version({ version: '1', state: 'END' }),
    version({ version: '9' }),
    version({ version: '10', state: 'LOADING' })
  ];
  const shown = shownVersions(model({ versions })).map(one => one.version);
  expect(shown).toEqual(['10', '9']);
  expect(servingVersions(model({ versions }))).toEqual(['9']);
});

test('labels stand for versions', () => {
  const one = model({ labels: { stable: 1, canary: 2, best: 1 } });
  expect(labelsOf(one, '1')).toEqual(['best', 'stable']);
});
