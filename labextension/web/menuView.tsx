import type { CommandRegistry } from '@lumino/commands';
import {
  KeyboardEvent,
  ReactElement,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef
} from 'react';

import { useChanging } from '../src/changing';
import { SEPARATOR } from '../src/panel/menu';
import { OpenedMenu, PageMenu, usable } from './pageMenu';

interface Properties {
  readonly menu: PageMenu;
  readonly commands: CommandRegistry;
}

/** The menu that is open, if one is. */
export function MenuView({ menu, commands }: Properties): ReactElement | null {
  const opened = useChanging(menu, () => menu.opened);
  return (
    opened && <OpenMenu key={`${opened.x} ${opened.y}`} {...{ opened, menu, commands }} />
  );
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

function OpenMenu({
  opened,
  menu,
  commands
}: Properties & { readonly opened: OpenedMenu }): ReactElement {
  const list = useRef<HTMLUListElement>(null);
  const before = useRef(document.activeElement);
  const items = usable(opened.items, commands);

  const close = useCallback(() => {
    menu.close();
    if (before.current instanceof HTMLElement) {
      before.current.focus();
    }
  }, [menu]);

  useLayoutEffect(() => {
    const node = list.current;
    if (node) {
      const { width, height } = node.getBoundingClientRect();
      node.style.left = `${Math.max(8, Math.min(opened.x, innerWidth - width - 8))}px`;
      node.style.top = `${Math.max(8, Math.min(opened.y, innerHeight - height - 8))}px`;
      node.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    }
  }, [opened]);

  useEffect(() => {
    const closeOutside = (event: Event) => {
      if (!(event.target instanceof Node && list.current?.contains(event.target))) {
        menu.close();
      }
    };
    addEventListener('pointerdown', closeOutside);
    addEventListener('resize', closeOutside);
    addEventListener('scroll', closeOutside, true);
    return () => {
      removeEventListener('pointerdown', closeOutside);
      removeEventListener('resize', closeOutside);
      removeEventListener('scroll', closeOutside, true);
    };
  }, [menu]);

  const move = (event: KeyboardEvent) => {
    const all = [...(list.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const step = STEPS[event.key];
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      close();
    } else if (step !== undefined) {
      event.preventDefault();
      const at = all.findIndex(one => one === document.activeElement);
      all[(at + step + all.length) % all.length]?.focus();
    } else if (event.key === 'Home' || event.key === 'End') {
      event.preventDefault();
      all[event.key === 'Home' ? 0 : all.length - 1]?.focus();
    }
  };

  return (
    <ul ref={list} className="tfs-menu" role="menu" onKeyDown={move}>
      {items.map((item, place) =>
        item === SEPARATOR ? (
          <li key={place} role="separator" />
        ) : (
          <li key={place} role="none">
            <button
              type="button"
              role="menuitem"
              tabIndex={-1}
              onClick={() => {
                close();
                void commands.execute(item.command, item.args);
              }}
            >
              {commands.label(item.command, item.args)}
            </button>
          </li>
        )
      )}
    </ul>
  );
}
