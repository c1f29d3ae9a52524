import type { Judgement } from '../api/answers';
import { numberOf } from '../api/exactNumbers';
import type { Json } from './example';

/** How far two answers to one question are apart. */
export interface Difference {
  readonly kind: 'same' | 'close' | 'different';
  /** The largest difference of two numbers at the same place. */
  readonly most: number;
}

/** Two judgements: `different` if another label is the likeliest. */
export function compareJudgements(one: Judgement, other: Judgement): Difference {
  const scores = new Map(other.top?.map(score => [score.index, score.score]));
  let most = Math.abs(one.score - (scores.get(one.predict) ?? other.score));
  for (const score of one.top ?? []) {
    const there = scores.get(score.index);
    if (there !== undefined) {
      most = Math.max(most, Math.abs(score.score - there));
    }
  }
  if (one.predict !== other.predict || one.label !== other.label) {
    return { kind: 'different', most };
  }
  return { kind: most === 0 ? 'same' : 'close', most };
}

/** Two values: `different` if anything but a number differs. */
export function compareValues(one: Json | undefined, other: Json | undefined): Difference {
  if (one === other) {
    return { kind: 'same', most: 0 };
  }
  const most = Math.abs((numberOf(one) ?? NaN) - (numberOf(other) ?? NaN));
  if (Number.isFinite(most)) {
    return { kind: 'close', most };
  }
  if (
    !isContainer(one) ||
    !isContainer(other) ||
    Array.isArray(one) !== Array.isArray(other)
  ) {
    return { kind: 'different', most: Infinity };
  }
  const [left, right] = [Object.entries(one), new Map(Object.entries(other))];
  if (left.length !== right.size) {
    return { kind: 'different', most: Infinity };
  }
  let found: Difference = { kind: 'same', most: 0 };
  for (const [key, value] of left) {
    found = worse(found, compareValues(value, right.get(key)));
  }
  return found;
}

function isContainer(value: Json | undefined): value is Json[] | { [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}

function worse(one: Difference, other: Difference): Difference {
  const order = ['same', 'close', 'different'];
  const kind = order.indexOf(one.kind) >= order.indexOf(other.kind) ? one.kind : other.kind;
  return { kind, most: Math.max(one.most, other.most) };
}
