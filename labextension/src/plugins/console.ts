import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, Notification } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ReadonlyPartialJSONObject, UUID } from '@lumino/coreutils';

import { takes, text } from '../actions/arguments';
import { CommandIDs } from '../commands';
import { ConsoleState } from '../console/consoleState';
import { ConsoleWidget } from '../console/consoleWidget';
import { readImage } from '../console/fileBrowserImage';
import type { Choice } from '../console/target';
import { consoleIcon } from '../icons';
import { OWN } from '../server/servers';
import { IModelServer } from '../tokens';
import { Tabs } from './mainArea';

const TOP = 5;

/** The test console. */
export const consolePlugin: JupyterFrontEndPlugin<void> = {
  id: 'tfs-notebook:console',
  description: 'A form to try models out: texts, images and tensors.',
  autoStart: true,
  requires: [IModelServer],
  optional: [
    ILayoutRestorer,
    ICommandPalette,
    ILauncher,
    ISettingRegistry,
    IDefaultFileBrowser
  ],
  activate: (
    app: JupyterFrontEnd,
    { client, watch, servers, trans }: IModelServer,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    registry: ISettingRegistry | null,
    browser: IDefaultFileBrowser | null
  ) => {
    let top = TOP;
    void registry?.load('tfs-notebook:plugin').then(settings => {
      const apply = () => {
        const value = settings.get('topLabels').composite;
        top = typeof value === 'number' ? value : TOP;
      };
      settings.changed.connect(apply);
      apply();
    });
    const tabs = new Tabs<ConsoleWidget>(app, 'tfs-notebook-console');
    const { baseUrl } = app.serviceManager.serverSettings;
    const create = (key: string = UUID.uuid4()): MainAreaWidget<ConsoleWidget> => {
      const content = new ConsoleWidget({
        key,
        servers,
        trans,
        state: new ConsoleState(
          name => servers.find(name),
          () => top
        ),
        address: URLExt.join(baseUrl, 'tfs'),
        top: () => top,
        read: path => readImage(app.serviceManager.contents, path)
      });
      const widget = tabs.add(content, 'Test Console');
      content.state.changed.connect(() => tabs.save(widget));
      return widget;
    };

    app.commands.addCommand(CommandIDs.openConsole, {
      label: args =>
        text(args, 'model')
          ? trans.__('Try in the Test Console')
          : trans.__('Test Console'),
      caption: trans.__('Send texts, images and tensors to a model'),
      icon: args => (args['isPalette'] ? undefined : consoleIcon),
      describedBy: takes('server', 'model', 'version'),
      execute: args => {
        const server = text(args, 'server') ?? OWN;
        const model = text(args, 'model');
        const version = text(args, 'version');
        const choice = text(args, 'choice') ?? (version ? `version:${version}` : '');
        // Of a tab that was there before the page was loaded anew.
        const key = text(args, 'key');
        const there =
          key === undefined
            ? tabs.find(({ state: { view } }) => {
                const isWanted = model === undefined || view.model === model;
                // Without any wish, whichever is there will do.
                return isWanted && (view.server === server || noWish(args));
              })
            : undefined;
        const widget = there ?? create(key);
        if (!there) {
          widget.content.chooseServer(server);
        }
        if (model !== undefined) {
          widget.content.state.choose(model, choice as Choice);
        }
        tabs.activate(widget);
      }
    });

    app.commands.addCommand(CommandIDs.tryImage, {
      label: trans.__('Try in the Test Console'),
      icon: consoleIcon,
      describedBy: takes('path'),
      execute: async args => {
        const path = text(args, 'path') ?? selectedFile(browser);
        if (path !== undefined) {
          const there = tabs.find(({ state }) => state.view.form?.raw_input === 'image');
          const model = there ? undefined : await imageModel();
          if (!there && model === undefined) {
            Notification.warning(trans.__('No model that is served takes images'));
            return;
          }
          const widget = there ?? create();
          tabs.activate(widget);
          if (model !== undefined) {
            widget.content.state.choose(model, '');
          }
          await widget.content.takeFile(path);
        }
      }
    });

    /** The first model that judges images. */
    async function imageModel(): Promise<string | undefined> {
      for (const { name } of watch.seen.overview?.models ?? []) {
        const metadata = await client.metadata(name).catch(() => null);
        if (metadata?.raw_input === 'image') {
          return name;
        }
      }
      return undefined;
    }

    tabs.restore(
      restorer,
      CommandIDs.openConsole,
      ({ key, state: { view } }) => ({
        key,
        server: view.server,
        model: view.model,
        choice: view.choice
      }),
      ({ key }) => key
    );
    palette?.addItem({
      command: CommandIDs.openConsole,
      category: trans.__('Model Server'),
      args: { isPalette: true }
    });
    launcher?.add({
      command: CommandIDs.openConsole,
      category: trans.__('Other'),
      rank: 50
    });
  }
};

function noWish(args: ReadonlyPartialJSONObject): boolean {
  return text(args, 'server') === undefined && text(args, 'model') === undefined;
}

function selectedFile(browser: IDefaultFileBrowser | null): string | undefined {
  for (const item of browser?.selectedItems() ?? []) {
    if (item.type === 'file') {
      return item.path;
    }
  }
  return undefined;
}
