import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { CommandIDs } from '../commands';
import type { IModelServer } from '../tokens';
import { takes, text } from './arguments';
import type { Dialogs } from './dialogs';

/** What can be done with a model that is there: `model` is among the arguments of each. */
export function addModelActions(
  commands: CommandRegistry,
  server: Pick<IModelServer, 'client' | 'watch' | 'trans'>,
  { report, confirm, askText }: Dialogs
): void {
  const { client, watch, trans } = server;
  const named = (args: ReadonlyPartialJSONObject) => text(args, 'model') !== undefined;
  const changed = (work: Promise<unknown>) => work.finally(() => watch.notice());

  commands.addCommand(CommandIDs.loadAgain, {
    label: trans.__('Load Again'),
    describedBy: takes('model'),
    isVisible: named,
    execute: args => {
      const model = text(args, 'model') ?? '';
      report(changed(client.load(model)), {
        pending: trans.__('%1 is being loaded …', model),
        done: trans.__('%1 is served', model)
      });
    }
  });

  commands.addCommand(CommandIDs.unload, {
    label: trans.__('Unload …'),
    describedBy: takes('model'),
    isVisible: named,
    execute: async args => {
      const model = text(args, 'model') ?? '';
      const isSure = await confirm(
        trans.__('Unload %1?', model),
        trans.__('Whoever asks for it gets an error then.'),
        trans.__('Unload')
      );
      if (isSure) {
        report(changed(client.unload(model)), {
          pending: trans.__('%1 is being unloaded …', model),
          done: trans.__('%1 is unloaded', model)
        });
      }
    }
  });

  commands.addCommand(CommandIDs.rollBack, {
    label: args =>
      text(args, 'version')
        ? trans.__('Roll Back to This Version …')
        : trans.__('Roll Back to the Version Before …'),
    describedBy: takes('model', 'version'),
    isVisible: named,
    execute: async args => {
      const model = text(args, 'model') ?? '';
      const version = text(args, 'version');
      const isSure = await confirm(
        version
          ? trans.__('Roll %1 back to version %2?', model, version)
          : trans.__('Roll %1 back to the version before?', model),
        trans.__(
          'It answers from then on, and newer versions wait until they are followed again.'
        ),
        trans.__('Roll Back')
      );
      if (isSure) {
        const work = client.rollBack(
          model,
          version === undefined ? undefined : Number(version)
        );
        report(changed(work), {
          pending: trans.__('%1 is being rolled back …', model),
          done: trans.__('%1 is rolled back', model)
        });
      }
    }
  });

  const follow = (
    command: string,
    label: string,
    work: (model: string) => Promise<void>
  ) => {
    commands.addCommand(command, {
      label,
      describedBy: takes('model'),
      isVisible: named,
      execute: async args => {
        const model = text(args, 'model') ?? '';
        const isSure = await confirm(
          trans.__('Follow the newest versions of %1 again?', model),
          trans.__('It may change to another version at once.'),
          trans.__('Follow')
        );
        if (isSure) {
          report(changed(work(model)), {
            pending: trans.__('%1 is being changed …', model),
            done: trans.__('%1 follows its newest versions', model)
          });
        }
      }
    });
  };
  follow(CommandIDs.unpin, trans.__('Unpin …'), model => client.unpin(model));
  follow(CommandIDs.followNewest, trans.__('Follow the Newest Versions Again …'), model =>
    client.followNewest(model)
  );

  commands.addCommand(CommandIDs.setLabel, {
    label: trans.__('Set a Label …'),
    describedBy: takes('model', 'version'),
    isVisible: named,
    execute: async args => {
      const [model, version] = [text(args, 'model') ?? '', text(args, 'version') ?? ''];
      const there =
        watch.seen.overview?.models.find(one => one.name === model)?.labels ?? {};
      const label = await askText({
        title: trans.__('Set a label'),
        label: trans.__(
          'Label for version %1 of %2; one that exists is moved there',
          version,
          model
        ),
        placeholder: Object.keys(there).join(', ') || 'stable',
        okLabel: trans.__('Set')
      });
      if (label) {
        report(changed(client.label(model, { [label]: Number(version) })), {
          pending: trans.__('The label %1 is being set …', label),
          done: trans.__('The label %1 stands for version %2', label, version)
        });
      }
    }
  });

  commands.addCommand(CommandIDs.removeLabel, {
    label: args => trans.__('Take Away the Label %1 …', text(args, 'label') ?? ''),
    describedBy: takes('model', 'label'),
    isVisible: named,
    execute: async args => {
      const [model, label] = [text(args, 'model') ?? '', text(args, 'label') ?? ''];
      const isSure = await confirm(
        trans.__('Take the label %1 away from %2?', label, model),
        trans.__('Whoever asks by label is affected at once.'),
        trans.__('Take Away')
      );
      if (isSure) {
        report(changed(client.label(model, { [label]: null })), {
          pending: trans.__('The label %1 is being taken away …', label),
          done: trans.__('The label %1 is gone', label)
        });
      }
    }
  });
}
