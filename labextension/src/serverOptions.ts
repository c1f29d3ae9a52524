import type { TranslationBundle } from '@jupyterlab/translation';

import { OWN, Servers } from './server/servers';

/** Whether there is more than one server, or another than Jupyter's own is chosen. */
export function hasChoice(servers: Servers, chosen: string): boolean {
  return servers.entries.length > 0 || chosen !== OWN;
}

/** The servers with their words; one that is chosen and not listed is among them. */
export function serverOptions(
  servers: Servers,
  chosen: string,
  trans: TranslationBundle
): (readonly [string, string])[] {
  const names = servers.entries.map(one => one.name);
  const others = chosen === OWN || names.includes(chosen) ? names : [...names, chosen];
  return [
    [OWN, trans.__('of this Jupyter')] as const,
    ...others.map(name => [name, name] as const)
  ];
}
