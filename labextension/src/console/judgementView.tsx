import { ReactElement, useId } from 'react';

import type { Judgement, Score, Word } from '../api/answers';
import { useTrans } from '../text/translation';
import { Scale, scaleOf } from './scale';
import { toneOf, verdictOf } from './verdict';

/** What a model says of one text or image. */
export function JudgementView({
  judgement
}: {
  readonly judgement: Judgement;
}): ReactElement {
  const trans = useTrans();
  const verdict = verdictOf(judgement, trans);
  const top = judgement.top ?? [];
  const scale = scaleOf([judgement.score, ...top.map(one => one.score)]);
  return (
    <>
      <p className={`jp-Tfs-verdict jp-mod-${verdict.tone}`}>
        <span className="jp-Tfs-stateIcon" aria-hidden="true">
          {verdict.icon}
        </span>{' '}
        {verdict.text} <span className="jp-Tfs-soft">{scale.words(judgement.score)}</span>
      </p>
      {verdict.isUnsure && scale.areShares && (
        <p className="jp-Tfs-soft">{trans.__('It is not sure of that.')}</p>
      )}
      <div className="jp-Tfs-scores">
        {top.map(score => (
          <Bar key={score.index} score={score} scale={scale} />
        ))}
      </div>
      {judgement.words && judgement.words.length > 0 && <Words words={judgement.words} />}
    </>
  );
}

interface BarProperties {
  readonly score: Score;
  readonly scale: Scale;
}

function Bar({ score, scale }: BarProperties): ReactElement {
  const id = useId();
  const share = scale.share(score.score);
  return (
    <>
      <span id={id}>{score.label}</span>
      <span
        className={`jp-Tfs-meter jp-mod-${toneOf(score.label)}`}
        role="meter"
        aria-labelledby={id}
        aria-valuemin={0}
        aria-valuemax={1}
        aria-valuenow={share}
        aria-valuetext={scale.words(score.score)}
      >
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <span className="jp-Tfs-score">{scale.words(score.score)}</span>
    </>
  );
}

function Words({ words }: { readonly words: readonly Word[] }): ReactElement {
  const trans = useTrans();
  const isUsed = (word: Word) => word.known !== 'no' && word.place !== null;
  const titles = {
    word: trans.__('known to the model'),
    pieces: trans.__('known by its parts'),
    no: trans.__('not known to the model')
  };
  return (
    <div className="jp-Tfs-words">
      <span className="jp-Tfs-soft">{trans.__('The words it was cut into')}</span>
      <ul aria-label={trans.__('The words it was cut into')}>
        {words.map((word, place) => (
          <li key={place} className={`jp-mod-${word.known}`} title={titles[word.known]}>
            {isUsed(word) ? word.word : <s>{word.word}</s>}
          </li>
        ))}
      </ul>
      {!words.every(isUsed) && (
        <span className="jp-Tfs-soft">{trans.__('Struck out: not known to it.')}</span>
      )}
    </div>
  );
}
