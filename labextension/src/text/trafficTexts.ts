import type { TranslationBundle } from '@jupyterlab/translation';

import type { Copies, ModelTraffic, Rollout, TrafficTarget } from '../api/answers';
import { count, share } from './figures';
import type { Look } from './states';

/** What is told of traffic, by its name. */
export type Fact = readonly [name: string, text: string];

/** Whether a rollout has not ended. */
export function isUnderWay(rollout: Rollout): boolean {
  return rollout.phase === 'running' || rollout.phase === 'paused';
}

/** All that holds for a model's traffic, in words. */
export function trafficFacts(traffic: ModelTraffic, trans: TranslationBundle): Fact[] {
  const facts = traffic.splits.map(({ label, targets }): Fact => [
    label ?? trans.__('without a label'),
    targets.map(target => targetText(target, trans)).join(', ')
  ]);
  if (traffic.copies) {
    facts.push([trans.__('copies'), copiesText(traffic.copies, trans)]);
  }
  return traffic.rollout ? [...facts, ...rolloutFacts(traffic.rollout, trans)] : facts;
}

/** How a rollout stands, and in short. */
export function lookOfRollout(rollout: Rollout, trans: TranslationBundle): Look {
  const { candidate, phase } = rollout;
  switch (phase) {
    case 'running':
      return {
        icon: '◔',
        text: trans.__('rollout of version %1: %2', candidate, stepOf(rollout, trans)),
        tone: 'busy'
      };
    case 'paused':
      return {
        icon: '‖',
        text: trans.__(
          'rollout of version %1 paused: %2',
          candidate,
          stepOf(rollout, trans)
        ),
        tone: 'busy'
      };
    case 'promoted':
      return { icon: '●', text: trans.__('version %1 promoted', candidate), tone: 'good' };
    case 'fallen_back':
      return {
        icon: '✕',
        text: trans.__('version %1 taken back', candidate),
        tone: 'bad'
      };
    case 'aborted':
      return {
        icon: '◌',
        text: trans.__('rollout of version %1 aborted', candidate),
        tone: 'plain'
      };
  }
}

function rolloutFacts(rollout: Rollout, trans: TranslationBundle): Fact[] {
  const { label, stable, reason, waits_for: missing } = rollout;
  const look = lookOfRollout(rollout, trans).text;
  const facts: Fact[] = [
    [
      trans.__('rollout'),
      label === null
        ? trans.__('%1; beside version %2', look, stable)
        : trans.__('%1; beside version %2, for the label %3', look, stable, label)
    ],
    [trans.__('because'), reason]
  ];
  return missing === null ? facts : [...facts, [trans.__('waits for'), missing]];
}

function stepOf({ step, weights }: Rollout, trans: TranslationBundle): string {
  const weight = weights[step] ?? 0;
  return trans.__(
    'step %1 of %2, %3',
    String(step + 1),
    String(weights.length),
    weight === 0 ? trans.__('copies alone') : share(weight / 100)
  );
}

function targetText(one: TrafficTarget, trans: TranslationBundle): string {
  const gets = share(one.share);
  if (one.version === null) {
    return trans.__('%1 (not served): %2', one.target, gets);
  }
  return one.version === one.target
    ? trans.__('version %1: %2', one.version, gets)
    : trans.__('%1 (version %2): %3', one.target, one.version, gets);
}

/** Who gets copies, and what came of them. */
function copiesText(copies: Copies, trans: TranslationBundle): string {
  const { target, compared, differing, errors, dropped } = copies;
  const parts = [
    trans.__('%1 of %2 answers differ', count(differing), count(compared)),
    ...(errors > 0 ? [trans.__('%1 failed', count(errors))] : []),
    ...(dropped > 0 ? [trans.__('%1 left out', count(dropped))] : [])
  ].join(', ');
  if (target === null) {
    return trans.__('ended: %1', parts);
  }
  const of = share(copies.share ?? 1);
  return /^\d+$/.test(target)
    ? trans.__('version %1 gets copies of %2: %3', target, of, parts)
    : trans.__('%1 gets copies of %2: %3', target, of, parts);
}
