import { showErrorMessage } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Drag } from '@lumino/dragdrop';
import { Signal } from '@lumino/signaling';
import type { ReactElement } from 'react';

import { reasonOf } from '../actions/dialogs';
import { consoleIcon } from '../icons';
import { OWN, Servers } from '../server/servers';
import { WatchingWidget } from '../watchingWidget';
import { Console } from './console';
import type { ConsoleState } from './consoleState';

/** What JupyterLab's file browser calls the paths of files that are dragged. */
const CONTENTS = 'application/x-jupyter-icontents';

type DropEvent = Pick<
  Drag.Event,
  | 'mimeData'
  | 'preventDefault'
  | 'stopPropagation'
  | 'dropAction'
  | 'supportedActions'
  | 'proposedAction'
  | 'type'
>;

interface Options {
  /** No other console has it. */
  readonly key: string;
  readonly servers: Servers;
  readonly trans: TranslationBundle;
  readonly state: ConsoleState;
  readonly address: string;
  readonly top: () => number;
  /** Reads a file of the file browser. */
  readonly read: (path: string) => Promise<Blob>;
}

/** A test console in the main area. */
export class ConsoleWidget extends WatchingWidget {
  readonly key: string;
  readonly state: ConsoleState;
  private server: string = OWN;

  constructor(private readonly options: Options) {
    // Which models Jupyter's own server has is told by events.
    super(null, options.trans);
    this.key = options.key;
    this.state = options.state;
    this.addClass('jp-TfsConsole');
    this.title.icon = consoleIcon;
    this.title.closable = true;
    this.node.setAttribute('role', 'region');
    options.servers.changed.connect(() => {
      this.checkServer();
    }, this);
    this.state.changed.connect(() => {
      this.updateTitle();
      this.followServer();
    });
    this.updateTitle();
    for (const type of ['lm-dragenter', 'lm-dragover', 'lm-drop'] as const) {
      this.node.addEventListener(type, event => {
        // Lumino's own, which the DOM's types do not know.
        this.onDrag(event as unknown as DropEvent);
      });
    }
    for (const type of ['dragover', 'drop'] as const) {
      this.node.addEventListener(type, event => {
        this.onFileDrag(event);
      });
    }
  }

  /** Judge an image of the file browser. */
  async takeFile(path: string): Promise<void> {
    try {
      const bytes = await this.options.read(path);
      await this.state.takeFile(path.split('/').pop() ?? path, bytes);
    } catch (error) {
      await showErrorMessage(this.trans.__('%1 cannot be read', path), reasonOf(error));
    }
  }

  /** Ask a server; Jupyter's own, if that one may not be asked any more. */
  chooseServer(server: string): void {
    this.state.chooseServer(server);
    this.checkServer();
  }

  override dispose(): void {
    Signal.clearData(this);
    this.state.dispose();
    super.dispose();
  }

  protected content(): ReactElement {
    const { servers, trans, address, top } = this.options;
    return (
      <Console
        servers={servers}
        state={this.state}
        door={{ address, token: 'jupyter' }}
        dropHint={trans.__(
          'Drop an image here, from the desktop or from the file browser, or'
        )}
        top={top}
      />
    );
  }

  private updateTitle(): void {
    const { model, server } = this.state.view;
    this.title.label = model
      ? this.trans.__('Test: %1', model)
      : this.trans.__('Test Console');
    this.title.caption = server
      ? this.trans.__('%1 on %2', this.title.label, server)
      : this.title.label;
    this.node.setAttribute('aria-label', this.title.caption);
  }

  private checkServer(): void {
    if (this.options.servers.allows(this.state.view.server) === false) {
      this.state.fallBack();
    }
  }

  private followServer(): void {
    const { server } = this.state.view;
    if (server !== this.server) {
      this.server = server;
      this.follow(server === OWN ? null : this.options.servers.find(server).watch);
    }
  }

  /** A file of the desktop; the browser would leave JupyterLab and open it. */
  private onFileDrag(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes('Files')) {
      return;
    }
    event.preventDefault();
    const file = event.type === 'drop' ? event.dataTransfer.files[0] : undefined;
    if (file) {
      void this.state.takeFile(file.name, file);
    }
  }

  private onDrag(event: DropEvent): void {
    const [path] = event.mimeData.hasData(CONTENTS)
      ? (event.mimeData.getData(CONTENTS) as string[])
      : [];
    if (path === undefined) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    event.dropAction = event.supportedActions === 'none' ? 'none' : event.proposedAction;
    if (event.type === 'lm-drop') {
      void this.takeFile(path);
    }
  }
}
