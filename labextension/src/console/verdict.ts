import type { TranslationBundle } from '@jupyterlab/translation';

import type { Judgement } from '../api/answers';
import type { Tone } from '../text/states';

/** What a label means to a person. */
export interface Verdict {
  readonly icon: string;
  readonly text: string;
  readonly tone: Tone;
  /** Whether another label is nearly as likely. */
  readonly isUnsure: boolean;
}

const BAD = new Set(
  'spam junk toxic fraud phishing abuse offensive 垃圾 垃圾短信'.split(' ')
);
const GOOD = new Set('pass ham ok clean normal 正常'.split(' '));
const SURE = 0.6;

/** How urgent a label is, by what labels are usually called. */
export function toneOf(label: string): Tone {
  const word = label.trim().toLowerCase();
  return BAD.has(word) ? 'bad' : GOOD.has(word) ? 'good' : 'plain';
}

/** How the likeliest label is told. */
export function verdictOf(judged: Judgement, trans: TranslationBundle): Verdict {
  const { label, score } = judged;
  const tone = toneOf(label);
  const isUnsure = score >= 0 && score < SURE;
  switch (tone) {
    case 'bad':
      return { icon: '⚠', text: trans.__('%1: stop it', label), tone, isUnsure };
    case 'good':
      return { icon: '✓', text: trans.__('%1: let it through', label), tone, isUnsure };
    default:
      return { icon: '◆', text: label, tone, isUnsure };
  }
}
