import type { TranslationBundle } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { takes, text } from '../src/actions/arguments';
import { addModelActions } from '../src/actions/modelActions';
import { nameOf } from '../src/actions/modelName';
import { addTrafficActions } from '../src/actions/trafficActions';
import { CommandIDs } from '../src/commands';
import type { Page } from './page';

/** What can be done in the page; models can be changed if that is so. */
export function commandsOf(
  page: Page,
  trans: TranslationBundle,
  canChange: boolean
): CommandRegistry {
  const commands = new CommandRegistry();
  commands.addCommand(CommandIDs.openConsole, {
    label: trans.__('Try in the Test Console'),
    describedBy: takes('model', 'version'),
    execute: args => {
      const version = text(args, 'version');
      page.console.choose(
        text(args, 'model') ?? '',
        version === undefined ? '' : `version:${version}`
      );
      page.view.show('console');
    }
  });
  commands.addCommand(CommandIDs.openCharts, {
    label: trans.__('Charts'),
    describedBy: takes('model'),
    execute: args => {
      page.charts.choose(text(args, 'model') ?? '');
      page.view.show('charts');
    }
  });
  if (canChange) {
    const { client, watch, dialogs } = page;
    addModelActions(commands, { client, watch, trans }, dialogs);
    addTrafficActions(commands, { client, watch, trans }, dialogs);
    addLoading(commands, page, trans);
  }
  return commands;
}

function addLoading(
  commands: CommandRegistry,
  { client, watch, dialogs }: Page,
  trans: TranslationBundle
): void {
  commands.addCommand(CommandIDs.load, {
    label: trans.__('Load a model …'),
    describedBy: takes(),
    execute: async () => {
      const values = await dialogs.ask({
        title: trans.__('Load a model'),
        text: trans.__(
          'The directory holds one directory for each version, with a number as its name. New versions that appear there are loaded by themselves.'
        ),
        fields: [
          {
            label: trans.__('Directory, on the machine of the server'),
            placeholder: '/models/spam'
          },
          { label: trans.__('Served as'), placeholder: 'spam' }
        ],
        button: trans.__('Load'),
        isGrave: false
      });
      const [basePath = '', given = ''] = values?.map(one => one.trim()) ?? [];
      const name = given || nameOf(basePath);
      if (name) {
        dialogs.report(
          client.load(name, basePath || undefined).finally(() => watch.notice()),
          {
            pending: trans.__('%1 is being loaded …', name),
            done: trans.__('%1 is served', name)
          }
        );
      }
    }
  });
}
