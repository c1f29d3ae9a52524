import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { CommandIDs } from '../commands';
import type { IModelServer } from '../tokens';
import { takes, text } from './arguments';
import type { Dialogs } from './dialogs';

/** What people can say of a rollout: `model` and `version` are among the arguments of each. */
export function addTrafficActions(
  commands: CommandRegistry,
  server: Pick<IModelServer, 'client' | 'watch' | 'trans'>,
  { report, confirm }: Dialogs
): void {
  const { client, watch, trans } = server;
  const named = (args: ReadonlyPartialJSONObject) => text(args, 'model') !== undefined;
  const changed = (work: Promise<unknown>) => work.finally(() => watch.notice());
  const read = (args: ReadonlyPartialJSONObject): [string, string] => [
    text(args, 'model') ?? '',
    text(args, 'version') ?? ''
  ];

  commands.addCommand(CommandIDs.pauseRollout, {
    label: trans.__('Pause the Rollout'),
    describedBy: takes('model', 'version'),
    isVisible: named,
    execute: args => {
      const [model, version] = read(args);
      report(changed(client.steerRollout(model, 'pause')), {
        pending: trans.__('The rollout of %1 is being paused …', model),
        done: trans.__('Version %1 of %2 stays at its step', version, model)
      });
    }
  });

  commands.addCommand(CommandIDs.resumeRollout, {
    label: trans.__('Resume the Rollout'),
    describedBy: takes('model', 'version'),
    isVisible: named,
    execute: args => {
      const [model, version] = read(args);
      report(changed(client.steerRollout(model, 'resume')), {
        pending: trans.__('The rollout of %1 is being resumed …', model),
        done: trans.__('The rollout of version %1 of %2 goes on', version, model)
      });
    }
  });

  commands.addCommand(CommandIDs.promoteRollout, {
    label: args => trans.__('Promote Version %1 …', text(args, 'version') ?? ''),
    describedBy: takes('model', 'version'),
    isVisible: named,
    execute: async args => {
      const [model, version] = read(args);
      const isSure = await confirm(
        trans.__('Promote version %1 of %2 now?', version, model),
        trans.__('It answers all requests at once, whatever its rollout still waits for.'),
        trans.__('Promote')
      );
      if (isSure) {
        report(changed(client.steerRollout(model, 'promote')), {
          pending: trans.__('Version %1 of %2 is being promoted …', version, model),
          done: trans.__('Version %1 of %2 is promoted', version, model)
        });
      }
    }
  });

  commands.addCommand(CommandIDs.abortRollout, {
    label: trans.__('Abort the Rollout …'),
    describedBy: takes('model', 'version'),
    isVisible: named,
    execute: async args => {
      const [model, version] = read(args);
      const isSure = await confirm(
        trans.__('Abort the rollout of version %1 of %2?', version, model),
        trans.__('All requests go to the version before at once.'),
        trans.__('Abort')
      );
      if (isSure) {
        report(changed(client.steerRollout(model, 'abort')), {
          pending: trans.__('The rollout of %1 is being aborted …', model),
          done: trans.__('The rollout of version %1 of %2 is aborted', version, model)
        });
      }
    }
  });

  commands.addCommand(CommandIDs.resetTraffic, {
    label: trans.__('Reset Its Traffic …'),
    describedBy: takes('model'),
    isVisible: named,
    execute: async args => {
      const [model] = read(args);
      const isSure = await confirm(
        trans.__('Reset the traffic of %1?', model),
        trans.__(
          'Weights and copies end at once: the newest version answers who names none.'
        ),
        trans.__('Reset')
      );
      if (isSure) {
        report(changed(client.resetTraffic(model)), {
          pending: trans.__('%1 is being changed …', model),
          done: trans.__('The traffic of %1 is reset', model)
        });
      }
    }
  });
}
