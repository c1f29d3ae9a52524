import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';

import { writeExactly } from '../api/exactNumbers';
import { shortNumber } from '../text/figures';
import { Note } from '../text/note';
import { useTrans } from '../text/translation';
import { Difference, compareJudgements, compareValues } from './comparison';
import type { ConsoleView } from './consoleState';
import { JudgementView } from './judgementView';
import type { Answered, Outcome } from './question';

/** What came of it: one answer, or two side by side with what tells them apart. */
export function Outcomes({ view }: { readonly view: ConsoleView }): ReactElement | null {
  const trans = useTrans();
  if (view.outcomes.length === 0) {
    return null;
  }
  const difference = differenceOf(view.outcomes);
  return (
    <section className="jp-Tfs-outcomes" aria-label={trans.__('Answer')}>
      {difference && (
        <p
          className={`jp-Tfs-note jp-mod-${difference.kind === 'different' ? 'busy' : 'good'}`}
        >
          <span aria-hidden="true">{difference.kind === 'different' ? '≠' : '='}</span>{' '}
          {told(difference, view, trans)}
        </p>
      )}
      <div className="jp-Tfs-sideBySide">
        {view.outcomes.map((outcome, place) => (
          <OutcomeView key={place} outcome={outcome} />
        ))}
      </div>
    </section>
  );
}

function OutcomeView({ outcome }: { readonly outcome: Outcome }): ReactElement {
  const trans = useTrans();
  const title = titleOf(outcome, trans);
  if ('error' in outcome) {
    return (
      <article aria-label={title}>
        <h3>{title}</h3>
        <Note text={outcome.error} tone="bad" role="alert" />
      </article>
    );
  }
  return (
    <article aria-label={title}>
      <h3>{title}</h3>
      {outcome.judgement ? (
        <JudgementView judgement={outcome.judgement} />
      ) : (
        <pre className="jp-Tfs-outputs" tabIndex={0} aria-label={trans.__('Outputs')}>
          {shownOutputs(outcome)}
        </pre>
      )}
      <p className="jp-Tfs-soft">{timing(outcome, trans)}</p>
    </article>
  );
}

const MOST_CHARACTERS = 20_000;

function shownOutputs(outcome: Answered): string {
  const text = writeExactly(outcome.outputs).replace(
    // Lists of numbers stay on their line.
    /\[\s+([^[\]{}]*?)\s+\]/g,
    (_, inner: string) => `[${inner.replace(/\s*\n\s*/g, ' ')}]`
  );
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)} …` : text;
}

function titleOf(outcome: Outcome, trans: TranslationBundle): string {
  const { model, version, label } = outcome.target;
  const told = version ?? ('version' in outcome ? outcome.version : null);
  if (label !== undefined) {
    return told
      ? trans.__('%1, %2 (version %3)', model, label, told)
      : trans.__('%1, %2', model, label);
  }
  return told ? trans.__('%1, version %2', model, told) : model;
}

function timing(outcome: Answered, trans: TranslationBundle): string {
  const names: Record<string, string> = {
    queue: trans.__('waited'),
    prepare: trans.__('prepared'),
    run: trans.__('ran'),
    total: trans.__('on the server')
  };
  const steps = Object.entries(names)
    .filter(([step]) => outcome.steps[step] !== undefined)
    .map(([step, name]) => `${name} ${shortNumber(outcome.steps[step] ?? 0)}`);
  const all = trans.__('%1 ms in all', shortNumber(outcome.milliseconds));
  return steps.length ? `${all}: ${steps.join(', ')}` : all;
}

function differenceOf(outcomes: readonly Outcome[]): Difference | null {
  const [one, other] = outcomes;
  if (!one || !other || 'error' in one || 'error' in other) {
    return null;
  }
  if (one.judgement && other.judgement) {
    return compareJudgements(one.judgement, other.judgement);
  }
  return compareValues(one.outputs, other.outputs);
}

function told(difference: Difference, view: ConsoleView, trans: TranslationBundle): string {
  const most = shortScore(difference.most);
  if (view.asked?.kind === 'json') {
    return {
      same: trans.__('the same to the last bit'),
      close: trans.__('values differ by %1 at most', most),
      different: trans.__('other outputs, or of other shapes')
    }[difference.kind];
  }
  return difference.kind === 'different'
    ? trans.__('another label; scores differ by %1 at most', most)
    : trans.__('the same label; scores differ by %1 at most', most);
}

function shortScore(value: number): string {
  return String(Number(value.toPrecision(4)));
}
