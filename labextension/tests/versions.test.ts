import type { Seen } from '../src/server/health';
import { isNewer, mismatchOf } from '../src/server/versions';
import { trans } from './bundle';

function seen(version: string): Seen {
  const status = {
    state: 'ready',
    reason: '',
    pid: 1,
    restarts: 0,
    started: 1,
    memory: 1,
    version
  } as const;
  return { status, overview: null, problem: null };
}

test('the same version is no mismatch', () => {
  expect(mismatchOf(seen('0.1.0'), '0.1.0', trans)).toBeNull();
  expect(
    mismatchOf({ status: null, overview: null, problem: null }, '1', trans)
  ).toBeNull();
});

test('the newer version is the one to install', () => {
  const older = mismatchOf(seen('0.2.0'), '0.1.0', trans);
  expect(older?.commands).toEqual(['pip install --upgrade "tfs_notebook==0.2.0"']);
  const newer = mismatchOf(seen('0.9.0'), '0.10.0', trans);
  expect(newer?.commands).toEqual(['pip install --upgrade "tfs_notebook==0.10.0"']);
});

test('a server without the extension is told how to get it', () => {
  const problem = { kind: 'missing', message: 'Not Found' } as const;
  const told = mismatchOf({ status: null, overview: null, problem }, '0.1.0', trans);
  expect(told?.commands).toEqual([
    'pip install --upgrade "tfs_notebook==0.1.0"',
    'jupyter server extension enable tfs_notebook'
  ]);
});

test('versions are compared by their numbers', () => {
  expect(isNewer('1.10', '1.9.3')).toBe(true);
  expect(isNewer('1.9.3', '1.10')).toBe(false);
  expect(isNewer('1.0', '1.0.0')).toBe(false);
});
