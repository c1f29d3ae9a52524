import type { CommandRegistry } from '@lumino/commands';
import { ISignal, Signal } from '@lumino/signaling';

import { MenuItem, SEPARATOR } from '../src/panel/menu';

/** A menu that is open, and where. */
export interface OpenedMenu {
  readonly items: readonly MenuItem[];
  readonly x: number;
  readonly y: number;
}

/** The items that can be chosen; no line is first, last, or beside another. */
export function usable(
  items: readonly MenuItem[],
  commands: Pick<CommandRegistry, 'hasCommand' | 'isVisible'>
): MenuItem[] {
  const there = items.filter(
    item =>
      item === SEPARATOR ||
      (commands.hasCommand(item.command) && commands.isVisible(item.command, item.args))
  );
  return there.filter((item, place) => {
    const after = there[place + 1];
    return item !== SEPARATOR || (place > 0 && after !== undefined && after !== SEPARATOR);
  });
}

/** The menu of the page, without its looks. */
export class PageMenu {
  private current: OpenedMenu | null = null;
  private readonly changes = new Signal<this, void>(this);

  get changed(): ISignal<this, void> {
    return this.changes;
  }

  get opened(): OpenedMenu | null {
    return this.current;
  }

  readonly open = (items: readonly MenuItem[], x: number, y: number): void => {
    this.set({ items, x, y });
  };

  close(): void {
    this.set(null);
  }

  private set(opened: OpenedMenu | null): void {
    this.current = opened;
    this.changes.emit();
  }
}
