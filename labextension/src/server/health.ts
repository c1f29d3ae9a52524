import type { HostStatus, Model, Overview, Version } from '../api/answers';

/** How it is with the model server as a whole. */
export type Health =
  'unreachable' | 'stopped' | 'starting' | 'failing' | 'loading' | 'ready';

/** All that was last seen of the server. */
export interface Seen {
  /** Null while nobody has answered yet, or nobody does. */
  readonly status: HostStatus | null;
  /** Null while the model server does not answer. */
  readonly overview: Overview | null;
  /** Why there is no status. */
  readonly problem: Problem | null;
}

/** Why there is no status. */
export interface Problem {
  /** `missing`: this Jupyter has no such extension. */
  readonly kind: 'unreachable' | 'missing' | 'refused';
  readonly message: string;
}

/** A version, as far as any server tells of it. */
export type ShownVersion = Pick<Version, 'version' | 'state' | 'error' | 'history'> &
  Partial<Pick<Version, 'share'>>;

/** A model, as far as any server tells of it. */
export interface ShownModel {
  readonly name: string;
  readonly labels: Readonly<Record<string, number>>;
  readonly versions: readonly ShownVersion[];
}

/** How it is, by what was seen; null before anybody has answered. */
export function healthOf(seen: Seen): Health | null {
  const { status, overview, problem } = seen;
  if (status === null) {
    return problem === null ? null : 'unreachable';
  }
  switch (status.state) {
    case 'quarantined':
      return 'failing';
    case 'stopped':
      return 'stopped';
    case 'starting':
    case 'restarting':
      return 'starting';
    case 'ready':
      return overview === null ? 'starting' : healthOfModels(overview.models);
  }
}

function healthOfModels(models: readonly Model[]): Health {
  if (models.some(isFailing)) {
    return 'failing';
  }
  const versions = models.flatMap(model => model.versions);
  return versions.some(one => one.state === 'LOADING' || one.state === 'START')
    ? 'loading'
    : 'ready';
}

/** Whether a model does not serve what it should. */
export function isFailing(model: ShownModel): boolean {
  return shownVersions(model).some(version => version.error !== null);
}

/**
 * The versions to show, the newest first: those that have not ended, and a failure that
 * nothing has overtaken, be it a newer version or one that came up later.
 */
export function shownVersions<Shown extends ShownVersion>(model: {
  readonly versions: readonly Shown[];
}): Shown[] {
  const alive = model.versions.filter(version => version.state !== 'END');
  const newest = Math.max(-1, ...alive.map(version => Number(version.version)));
  const cameUp = Math.max(
    0,
    ...alive.filter(one => one.state === 'AVAILABLE').map(lastChange)
  );
  const failed = model.versions
    .filter(one => one.state === 'END' && one.error !== null)
    .filter(one => Number(one.version) > newest && lastChange(one) >= cameUp)
    .sort(newestFirst)
    .slice(0, 1);
  return [...alive, ...failed].sort(newestFirst);
}

/** The versions that answer, the newest first. */
export function servingVersions(model: ShownModel): string[] {
  return model.versions
    .filter(version => version.state === 'AVAILABLE')
    .sort(newestFirst)
    .map(version => version.version);
}

/** The labels that stand for a version. */
export function labelsOf(model: ShownModel, version: string): string[] {
  return Object.entries(model.labels)
    .filter(([, number]) => String(number) === version)
    .map(([label]) => label)
    .sort();
}

function lastChange(version: ShownVersion): number {
  return version.history[version.history.length - 1]?.time ?? Infinity;
}

function newestFirst(one: ShownVersion, other: ShownVersion): number {
  return Number(other.version) - Number(one.version);
}
