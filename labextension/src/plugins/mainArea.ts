import {
  type ILayoutRestorer,
  type JupyterFrontEnd,
  LabShell
} from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

/** The tabs of one kind: added to the main area, and there again after a reload. */
export class Tabs<Content extends Widget> {
  private readonly tracker: WidgetTracker<MainAreaWidget<Content>>;

  constructor(
    private readonly app: JupyterFrontEnd,
    namespace: string
  ) {
    this.tracker = new WidgetTracker({ namespace });
  }

  /**
   * Put them back where they were: the command opens each with its arguments.
   *
   * A name is the same before and after, and no two tabs have the same.
   */
  restore(
    restorer: ILayoutRestorer | null,
    command: string,
    args: (content: Content) => ReadonlyPartialJSONObject,
    name: (content: Content) => string
  ): void {
    if (restorer) {
      void restorer.restore(this.tracker, {
        command,
        args: widget => args(widget.content),
        name: widget => name(widget.content)
      });
    }
  }

  /** Open a tab. */
  add(content: Content, type: string): MainAreaWidget<Content> {
    const widget = new MainAreaWidget({ content });
    widget.toolbar.hide();
    void this.tracker.add(widget);
    // Notebook 7 has room for one document in its main area, and for this beside it.
    const area = this.app.shell instanceof LabShell ? 'main' : 'right';
    this.app.shell.add(widget, area, { type });
    this.activate(widget);
    return widget;
  }

  /** The first that is wanted. */
  find(isWanted: (content: Content) => boolean): MainAreaWidget<Content> | undefined {
    return this.tracker.find(widget => isWanted(widget.content));
  }

  activate(widget: MainAreaWidget<Content>): void {
    this.app.shell.activateById(widget.id);
  }

  /** What a tab shows is another thing now: remember it for a reload. */
  save(widget: MainAreaWidget<Content>): void {
    void this.tracker.save(widget);
  }
}
