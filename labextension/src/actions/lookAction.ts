import { InputDialog } from '@jupyterlab/apputils';
import type { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from '../commands';
import type { IModelServer } from '../tokens';
import { takes, text } from './arguments';

/** Looking at another server: by its name, or by its address. */
export function addLookAction(commands: CommandRegistry, server: IModelServer): void {
  const { servers, choice, trans } = server;
  commands.addCommand(CommandIDs.lookAtServer, {
    label: trans.__('Look at Another Model Server …'),
    caption: trans.__('Models and states of another TensorFlow Serving, in the side panel'),
    describedBy: takes('server'),
    execute: async args => {
      const wanted = text(args, 'server') ?? (await ask());
      if (wanted?.trim()) {
        choice.choose(servers.nameOf(wanted));
        await commands.execute(CommandIDs.openPanel);
      }
    }
  });

  async function ask(): Promise<string | null> {
    await servers.fetch();
    const answer = await InputDialog.getItem({
      title: trans.__('Look at another model server'),
      label: trans.__(
        'Address of its REST API; those that the configuration of Jupyter allows are listed'
      ),
      items: servers.entries.map(one => one.name),
      editable: true,
      okLabel: trans.__('Look'),
      cancelLabel: trans.__('Cancel')
    });
    return answer.button.accept ? answer.value : null;
  }
}
