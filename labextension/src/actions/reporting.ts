import {
  Dialog,
  InputDialog,
  Notification,
  showDialog,
  showErrorMessage
} from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { Dialogs, Told, reasonOf } from './dialogs';

/** JupyterLab cuts off what is longer. */
const MOST_SHOWN = 140;

/** Tells how a change goes; its failure, with all of the reason, stays until it is dismissed. */
export function report(work: Promise<unknown>, told: Told, trans: TranslationBundle): void {
  const id = Notification.emit(told.pending, 'in-progress', { autoClose: false });
  // Another in its place: JupyterLab loses a change that comes before the first is drawn.
  work
    .finally(() => {
      Notification.dismiss(id);
    })
    .then(
      () => Notification.success(told.done, { autoClose: 3000 }),
      (reason: unknown) => {
        const message = reasonOf(reason);
        const showAll = {
          label: trans.__('Show all of it'),
          callback: () => void showErrorMessage(trans.__('Why it failed'), message)
        };
        Notification.error(message, {
          autoClose: false,
          actions: message.length > MOST_SHOWN ? [showAll] : []
        });
      }
    );
}

/** Asks before something that hurts; the button says what it does. */
export async function confirm(
  title: string,
  question: string,
  button: string,
  trans: TranslationBundle
): Promise<boolean> {
  const answer = await showDialog({
    title,
    body: question,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: button })
    ],
    defaultButton: 0
  });
  return answer.button.accept;
}

/** JupyterLab's notifications and dialogs. */
export function labDialogs(trans: TranslationBundle): Dialogs {
  return {
    report: (work, told) => report(work, told, trans),
    confirm: (title, question, button) => confirm(title, question, button, trans),
    askText: async question => {
      const answer = await InputDialog.getText({
        ...question,
        cancelLabel: trans.__('Cancel')
      });
      return answer.button.accept ? (answer.value?.trim() ?? '') : '';
    }
  };
}
