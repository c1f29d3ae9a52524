import type { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from '../commands';
import type { IModelServer } from '../tokens';
import { confirm, report } from './reporting';

const NO_ARGUMENTS = { args: { type: 'object', properties: {} } } as const;

/** Start, stop and restart of the model server. */
export function addServerActions(commands: CommandRegistry, server: IModelServer): void {
  const { client, watch, trans } = server;
  const isDown = () =>
    watch.health === 'stopped' || watch.seen.status?.state === 'quarantined';
  const change = (what: 'start' | 'stop' | 'restart') =>
    client.change(what).finally(() => watch.notice());

  commands.addCommand(CommandIDs.start, {
    label: trans.__('Start the Model Server'),
    describedBy: NO_ARGUMENTS,
    isEnabled: isDown,
    execute: () => {
      report(
        change('start'),
        {
          pending: trans.__('The model server is being started …'),
          done: trans.__('The model server starts')
        },
        trans
      );
    }
  });

  commands.addCommand(CommandIDs.stop, {
    label: trans.__('Stop the Model Server …'),
    describedBy: NO_ARGUMENTS,
    isEnabled: () => watch.seen.status !== null && !isDown(),
    execute: async () => {
      const isSure = await confirm(
        trans.__('Stop the model server?'),
        trans.__(
          'Whoever asks a model gets an error then. Its models come back with the next start.'
        ),
        trans.__('Stop'),
        trans
      );
      if (isSure) {
        report(
          change('stop'),
          {
            pending: trans.__('The model server is being stopped …'),
            done: trans.__('The model server stops')
          },
          trans
        );
      }
    }
  });

  commands.addCommand(CommandIDs.restart, {
    label: trans.__('Restart the Model Server …'),
    describedBy: NO_ARGUMENTS,
    isEnabled: () => watch.seen.status !== null,
    execute: async () => {
      const isSure = await confirm(
        trans.__('Restart the model server?'),
        trans.__('Requests are refused until its models are back, which takes seconds.'),
        trans.__('Restart'),
        trans
      );
      if (isSure) {
        report(
          change('restart'),
          {
            pending: trans.__('The model server is being restarted …'),
            done: trans.__('The model server restarts')
          },
          trans
        );
      }
    }
  });
}
