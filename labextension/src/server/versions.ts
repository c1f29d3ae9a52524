import type { TranslationBundle } from '@jupyterlab/translation';

import type { Seen } from './health';

/** Front end and server do not belong together: what is wrong, and what mends it. */
export interface Mismatch {
  readonly text: string;
  /** Command lines, to be run where Jupyter is. */
  readonly commands: readonly string[];
}

/**
 * What is to be said of the versions, if anything is.
 *
 * The newer of the two tells which version both should have.
 */
export function mismatchOf(
  seen: Seen,
  frontEnd: string,
  trans: TranslationBundle
): Mismatch | null {
  if (seen.problem?.kind === 'missing') {
    return {
      text: trans.__(
        'This Jupyter server does not have the server extension of tfs_notebook %1. Install it where Jupyter runs, then start Jupyter again.',
        frontEnd
      ),
      commands: [install(frontEnd), 'jupyter server extension enable tfs_notebook']
    };
  }
  const server = seen.status?.version;
  if (server === undefined || server === frontEnd) {
    return null;
  }
  if (isNewer(server, frontEnd)) {
    return {
      text: trans.__(
        'This page has tfs_notebook %1, the Jupyter server %2. Reload the page; if that does not help, install the version of the server where JupyterLab is installed, then start it again.',
        frontEnd,
        server
      ),
      commands: [install(server)]
    };
  }
  return {
    text: trans.__(
      'This page has tfs_notebook %1, the Jupyter server %2. Install the version of the page where the Jupyter server runs, then start it again.',
      frontEnd,
      server
    ),
    commands: [install(frontEnd)]
  };
}

function install(version: string): string {
  return `pip install --upgrade "tfs_notebook==${version}"`;
}

/** Whether one version is newer than another; what follows the numbers does not count. */
export function isNewer(one: string, other: string): boolean {
  const [left, right] = [numbers(one), numbers(other)];
  for (let place = 0; place < Math.max(left.length, right.length); place += 1) {
    const difference = (left[place] ?? 0) - (right[place] ?? 0);
    if (difference !== 0) {
      return difference > 0;
    }
  }
  return false;
}

function numbers(version: string): number[] {
  return (/^\d+(\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);
}
