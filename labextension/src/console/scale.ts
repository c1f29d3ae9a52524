import { UNKNOWN, percent, shortNumber } from '../text/figures';

/** How the scores of one answer are told and drawn. */
export interface Scale {
  /** Whether they are shares of one. */
  readonly areShares: boolean;
  /** Between 0 and 1, of the length of a bar. */
  readonly share: (score: number) => number;
  readonly words: (score: number) => string;
}

/** Shares are told as percent; what is none, such as a logit, as it is. */
export function scaleOf(scores: readonly number[]): Scale {
  const known = scores.filter(Number.isFinite);
  const areShares = known.every(score => score >= 0 && score <= 1);
  const most = areShares ? 1 : Math.max(...known);
  return {
    areShares,
    share: score => (most > 0 && score > 0 ? Math.min(1, score / most) : 0),
    words: score => {
      if (!Number.isFinite(score)) {
        return UNKNOWN;
      }
      return areShares ? percent(score) : signed(score);
    }
  };
}

function signed(score: number): string {
  return score < 0 ? `−${shortNumber(-score)}` : shortNumber(score);
}
