import type { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';

import { MenuItem, SEPARATOR } from './menu';

/** Opens a menu at a place in the window; it goes away with what is chosen. */
export function openMenuAt(
  commands: CommandRegistry,
  items: readonly MenuItem[],
  x: number,
  y: number
): void {
  const menu = new Menu({ commands });
  for (const item of items) {
    menu.addItem(item === SEPARATOR ? { type: 'separator' } : item);
  }
  const before = document.activeElement;
  menu.aboutToClose.connect(() => {
    // Where the keyboard was, unless what was chosen has taken it.
    requestAnimationFrame(() => {
      if (before instanceof HTMLElement && document.activeElement === document.body) {
        before.focus();
      }
      menu.dispose();
    });
  });
  menu.open(x, y);
  menu.activeIndex = 0;
}
