import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { createContext, useContext } from 'react';

/** A line between the items of a menu. */
export const SEPARATOR = 'separator';

/** A command with its arguments, or a line. */
export type MenuItem =
  typeof SEPARATOR | { readonly command: string; readonly args: ReadonlyJSONObject };

/** Opens a menu at a place in the window. */
export type OpenMenu = (items: readonly MenuItem[], x: number, y: number) => void;

export const MenuOpener = createContext<OpenMenu>(() => undefined);

/** How menus are opened where the component is shown. */
export function useMenu(): OpenMenu {
  return useContext(MenuOpener);
}

/** The place of a menu that a button opens. */
export function placeBelow(button: Element): [number, number] {
  const place = button.getBoundingClientRect();
  return [place.left, place.bottom];
}
