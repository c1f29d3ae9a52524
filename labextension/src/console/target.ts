import type { TranslationBundle } from '@jupyterlab/translation';

import type { Target } from '../api/client';
import { ShownModel, servingVersions } from '../server/health';

/** What of a model is asked, as the value of an option: empty for the newest version. */
export type Choice = '' | `version:${string}` | `label:${string}`;

/** A choice with its words. */
export interface Option {
  readonly choice: Choice;
  readonly text: string;
}

/** What can be asked of a model: the newest version, each version, each label. */
export function optionsOf(model: ShownModel, trans: TranslationBundle): Option[] {
  const versions = servingVersions(model).map((version): Option => ({
    choice: `version:${version}`,
    text: trans.__('version %1', version)
  }));
  const labels = Object.entries(model.labels)
    .sort()
    .map(([label, version]): Option => ({
      choice: `label:${label}`,
      text: trans.__('%1 (version %2)', label, String(version))
    }));
  return [{ choice: '', text: trans.__('newest') }, ...versions, ...labels];
}

/** Values of options with their words. */
export type Words = readonly (readonly [string, string])[];

/** With what is chosen and there no more: the browser would show something else. */
export function withChosen(options: Words, chosen: string, words: string): Words {
  const isThere = chosen === '' || options.some(([one]) => one === chosen);
  return isThere ? options : [...options, [chosen, words]];
}

/** What a choice stands for in a request. */
export function targetOf(model: string, choice: Choice): Target {
  if (choice.startsWith('version:')) {
    return { model, version: choice.slice('version:'.length) };
  }
  if (choice.startsWith('label:')) {
    return { model, label: choice.slice('label:'.length) };
  }
  return { model };
}

/** The version that a choice stands for at the moment; undefined if none does. */
export function versionOf(model: ShownModel, choice: Choice): string | undefined {
  if (choice.startsWith('version:')) {
    return choice.slice('version:'.length);
  }
  if (choice.startsWith('label:')) {
    return model.labels[choice.slice('label:'.length)]?.toString();
  }
  return servingVersions(model)[0];
}
