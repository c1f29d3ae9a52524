import { Dialog, Notification, showDialog, showErrorMessage } from '@jupyterlab/apputils';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { addIcon } from '@jupyterlab/ui-components';
import type { Contents } from '@jupyterlab/services';
import type { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from '../commands';
import type { IModelServer } from '../tokens';
import { takes, text } from './arguments';
import { LoadForm, Wanted } from './loadForm';
import { reasonOf } from './dialogs';
import { report } from './reporting';

const NOTHING: Wanted = { name: '', basePath: '' };

/** Loading a model: by its path, or by its directory in the file browser. */
export function addLoadActions(
  commands: CommandRegistry,
  server: IModelServer,
  contents: Contents.IManager,
  browser: IDefaultFileBrowser | null
): void {
  const { client, watch, trans } = server;
  const load = ({ name, basePath }: Wanted) => {
    report(
      client.load(name, basePath).finally(() => watch.notice()),
      {
        pending: trans.__('%1 is being loaded …', name),
        done: trans.__('%1 is served', name)
      },
      trans
    );
  };
  const ask = async (wanted: Wanted) => {
    const answer = await showDialog({
      title: trans.__('Load a model'),
      body: new LoadForm(wanted, trans),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: trans.__('Load') })
      ],
      focusNodeSelector: 'input'
    });
    if (!answer.button.accept || !answer.value) {
      return;
    }
    if (answer.value.basePath) {
      load(answer.value);
    } else {
      Notification.warning(trans.__('No directory was named: nothing is loaded'));
    }
  };

  commands.addCommand(CommandIDs.load, {
    label: trans.__('Load a Model …'),
    icon: addIcon,
    describedBy: takes('name', 'basePath'),
    execute: args =>
      ask({
        name: text(args, 'name') ?? '',
        basePath: text(args, 'basePath') ?? NOTHING.basePath
      })
  });

  commands.addCommand(CommandIDs.loadDirectory, {
    label: trans.__('Serve as Model …'),
    caption: trans.__('Load the model in this directory on the model server'),
    describedBy: takes('path'),
    isVisible: () => watch.seen.problem?.kind !== 'missing',
    execute: async args => {
      const path = text(args, 'path') ?? selectedDirectory(browser);
      if (path === undefined) {
        return;
      }
      try {
        const found = await client.directory(contents.localPath(path));
        await ask({ name: found.name, basePath: found.base_path });
      } catch (error) {
        await showErrorMessage(
          trans.__('This directory cannot be served'),
          reasonOf(error)
        );
      }
    }
  });
}

function selectedDirectory(browser: IDefaultFileBrowser | null): string | undefined {
  for (const item of browser?.selectedItems() ?? []) {
    if (item.type === 'directory') {
      return item.path;
    }
  }
  return undefined;
}
