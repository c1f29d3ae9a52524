import type { Copies, ModelTraffic, Rollout } from '../src/api/answers';
import { CommandIDs } from '../src/commands';
import { SEPARATOR } from '../src/panel/menu';
import { modelItems } from '../src/panel/modelItems';
import { share } from '../src/text/figures';
import { lookOfRollout, trafficFacts } from '../src/text/trafficTexts';
import { trans } from './bundle';
import { model } from './overviews';

const NOTHING: ModelTraffic = { splits: [], copies: null, rollout: null };

function rollout(changes: Partial<Rollout> = {}): Rollout {
  return {
    candidate: '2',
    stable: '1',
    label: null,
    phase: 'running',
    step: 1,
    weights: [0, 5, 100],
    reason: 'it held for 100 of 100 copies',
    waits_for: '20 of 500 requests',
    ...changes
  };
}

test('shares are said as they are, and what is not all does not look like it', () => {
  expect([0, 0.0004, 0.05, 1 / 3, 0.9996, 1].map(share)).toEqual([
    '0 %',
    '< 0.1 %',
    '5 %',
    '33.3 %',
    '99.9 %',
    '100 %'
  ]);
});

test('weights are told by who gets what', () => {
  const target = (name: string, part: number, version: string | null) => ({
    target: name,
    weight: part * 100,
    share: part,
    version
  });
  const splits = [
    { label: null, targets: [target('stable', 0.95, '1'), target('gray', 0.05, null)] },
    { label: 'prod', targets: [target('3', 1, '3')] }
  ];
  expect(trafficFacts({ ...NOTHING, splits }, trans)).toEqual([
    ['without a label', 'stable (version 1): 95 %, gray (not served): 5 %'],
    ['prod', 'version 3: 100 %']
  ]);
});

test('copies are told with what came of them', () => {
  const copies = {
    target: 'gray',
    share: 0.1,
    compared: 120,
    differing: 3,
    errors: 0,
    dropped: 0
  };
  const told = (changes: Partial<Copies>) =>
    trafficFacts({ ...NOTHING, copies: { ...copies, ...changes } }, trans)[0]?.[1];
  expect(told({})).toBe('gray gets copies of 10 %: 3 of 120 answers differ');
  expect(told({ target: '2', errors: 2, dropped: 1 })).toBe(
    'version 2 gets copies of 10 %: 3 of 120 answers differ, 2 failed, 1 left out'
  );
  expect(told({ target: null })).toBe('ended: 3 of 120 answers differ');
});

test('a rollout is told with its step, and why it is there', () => {
  const facts = (changes: Partial<Rollout>) =>
    trafficFacts({ ...NOTHING, rollout: rollout(changes) }, trans);
  expect(facts({ label: 'prod' })).toEqual([
    [
      'rollout',
      'rollout of version 2: step 2 of 3, 5 %; beside version 1, for the label prod'
    ],
    ['because', 'it held for 100 of 100 copies'],
    ['waits for', '20 of 500 requests']
  ]);
  const reason = '9 of 20 copies had another answer; the bound is 1.00%';
  expect(facts({ phase: 'fallen_back', reason, waits_for: null })).toEqual([
    ['rollout', 'version 2 taken back; beside version 1'],
    ['because', reason]
  ]);
  const look = lookOfRollout(rollout({ step: 0, phase: 'paused' }), trans);
  expect(look.text).toBe('rollout of version 2 paused: step 1 of 3, copies alone');
  expect(lookOfRollout(rollout({ phase: 'fallen_back' }), trans).tone).toBe('bad');
});

test('what can be done follows from where the rollout stands', () => {
  const items = (traffic: ModelTraffic | null) =>
    modelItems(model({ traffic })).flatMap(item =>
      item === SEPARATOR || !/rollout|traffic/.test(item.command) ? [] : [item.command]
    );
  expect(items(null)).toEqual([]);
  expect(items({ ...NOTHING, rollout: rollout() })).toEqual([
    CommandIDs.pauseRollout,
    CommandIDs.promoteRollout,
    CommandIDs.abortRollout
  ]);
  expect(items({ ...NOTHING, rollout: rollout({ phase: 'paused' }) })[0]).toBe(
    CommandIDs.resumeRollout
  );
  expect(items({ ...NOTHING, rollout: rollout({ phase: 'fallen_back' }) })).toEqual([
    CommandIDs.resetTraffic
  ]);
});
