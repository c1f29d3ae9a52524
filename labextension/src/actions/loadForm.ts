import type { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { nameOf } from './modelName';

/** What is to be loaded. */
export interface Wanted {
  readonly name: string;
  readonly basePath: string;
}

/** Asks for the directory of a model and the name to serve it as. */
export class LoadForm extends Widget implements Dialog.IBodyWidget<Wanted> {
  private readonly path: HTMLInputElement;
  private readonly model: HTMLInputElement;

  constructor(wanted: Wanted, trans: TranslationBundle) {
    super();
    this.addClass('jp-Tfs-form');
    this.path = this.field(
      trans.__('Directory, on the machine of the server'),
      wanted.basePath
    );
    this.path.placeholder = '/models/spam';
    this.model = this.field(trans.__('Served as'), wanted.name);
    const hint = document.createElement('p');
    hint.className = 'jp-Tfs-hint';
    hint.textContent = trans.__(
      'The directory holds one directory for each version, with a number as its name. New versions that appear there are loaded by themselves.'
    );
    this.node.append(hint);
    this.path.addEventListener('input', () => {
      this.model.placeholder = nameOf(this.path.value);
    });
  }

  getValue(): Wanted {
    const basePath = this.path.value.trim();
    return { name: this.model.value.trim() || nameOf(basePath), basePath };
  }

  private field(title: string, value: string): HTMLInputElement {
    const label = document.createElement('label');
    label.textContent = title;
    const input = document.createElement('input');
    input.className = 'jp-mod-styled';
    input.value = value;
    label.append(input);
    this.node.append(label);
    return input;
  }
}
