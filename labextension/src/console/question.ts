import type { Judgement } from '../api/answers';
import type { Asked, Target } from '../api/client';
import type { Json } from './example';
import type { Picture } from './pictures';

/** What is asked, whoever answers. */
export type Question =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image'; readonly picture: Picture }
  | { readonly kind: 'json'; readonly body: string };

export type Kind = Question['kind'];

/** What came of it. */
export type Outcome = Answered | { readonly target: Target; readonly error: string };

export interface Answered {
  readonly target: Target;
  readonly version: string | null;
  readonly milliseconds: number;
  readonly steps: Readonly<Record<string, number>>;
  /** Of a text or an image. */
  readonly judgement?: Judgement;
  /** Of tensors. */
  readonly outputs?: Json;
}

/** Ask one version; a refusal is an outcome, too. */
export async function ask(
  client: Asked,
  question: Question,
  target: Target,
  top: number,
  signal: AbortSignal
): Promise<Outcome> {
  try {
    if (question.kind === 'json') {
      const { answer, ...timed } = await client.predict(question.body, target, signal);
      return { target, ...timed, outputs: answer as Json };
    }
    const raw =
      question.kind === 'text'
        ? { text: question.text }
        : { image: question.picture.bytes };
    const { answer, ...timed } = await client.judge(raw, target, top, signal);
    return { target, ...timed, judgement: answer.data };
  } catch (error) {
    return { target, error: error instanceof Error ? error.message : String(error) };
  }
}
