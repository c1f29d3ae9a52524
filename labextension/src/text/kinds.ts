import type { TranslationBundle } from '@jupyterlab/translation';

import type { EnsembleStep, Model, Version } from '../api/answers';
import { shownVersions } from '../server/health';

/** What a version was loaded as, in words; another name is that of a plug-in. */
export function kindText(kind: string, trans: TranslationBundle): string {
  switch (kind) {
    case 'saved_model':
      return 'SavedModel';
    case 'tflite':
      return 'TFLite';
    case 'function':
      return trans.__('Python function');
    case 'ensemble':
      return trans.__('ensemble');
    default:
      return kind;
  }
}

/** Of what kind a model is, if that is not the usual one, and all its versions are of it. */
export function unusualKind(model: Pick<Model, 'versions'>): string | null {
  const kinds = new Set(
    shownVersions(model).flatMap(({ kind }) => (kind === null ? [] : [kind]))
  );
  const [kind] = kinds;
  return kinds.size === 1 && kind !== undefined && kind !== 'saved_model' ? kind : null;
}

/** What a model is, and where its versions differ, each of them. */
export function kindsText(
  versions: readonly Pick<Version, 'version' | 'kind'>[],
  trans: TranslationBundle
): string {
  const known = versions.flatMap(({ version, kind }) =>
    kind === null ? [] : [{ version, text: kindText(kind, trans) }]
  );
  const texts = new Set(known.map(one => one.text));
  return texts.size <= 1
    ? [...texts].join('')
    : known
        .map(({ version, text }) => trans.__('version %1: %2', version, text))
        .join(', ');
}

/** What a step of an ensemble asks. */
export function stepText(step: EnsembleStep, trans: TranslationBundle): string {
  if (step.version !== null) {
    return trans.__('%1: version %2 of %3', step.name, step.version, step.model);
  }
  return step.label === null
    ? trans.__('%1: %2', step.name, step.model)
    : trans.__('%1: %2 of %3', step.name, step.label, step.model);
}
