import type { Model } from '../api/answers';
import { CommandIDs } from '../commands';
import { labelsOf } from '../server/health';
import { isUnderWay } from '../text/trafficTexts';
import { MenuItem, SEPARATOR } from './menu';

/** What can be done with a model. */
export function modelItems(model: Model): MenuItem[] {
  const args = { model: model.name };
  const items: MenuItem[] = [
    { command: CommandIDs.openConsole, args },
    { command: CommandIDs.openCharts, args },
    SEPARATOR,
    { command: CommandIDs.loadAgain, args },
    { command: CommandIDs.rollBack, args }
  ];
  if (model.pin) {
    items.push({ command: CommandIDs.unpin, args });
  } else if (Array.isArray(model.version_policy)) {
    items.push({ command: CommandIDs.followNewest, args });
  }
  items.push(SEPARATOR, ...trafficItems(model));
  items.push(SEPARATOR, { command: CommandIDs.unload, args });
  return items;
}

/** What can be done with its traffic, if anything is said of that. */
function trafficItems({ name, traffic }: Model): MenuItem[] {
  const rollout = traffic?.rollout;
  if (rollout && isUnderWay(rollout)) {
    const args = { model: name, version: rollout.candidate };
    return [
      {
        command:
          rollout.phase === 'paused' ? CommandIDs.resumeRollout : CommandIDs.pauseRollout,
        args
      },
      { command: CommandIDs.promoteRollout, args },
      { command: CommandIDs.abortRollout, args }
    ];
  }
  return traffic ? [{ command: CommandIDs.resetTraffic, args: { model: name } }] : [];
}

/** What can be done with a version of it. */
export function versionItems(model: Model, version: string): MenuItem[] {
  const args = { model: model.name, version };
  const labels = labelsOf(model, version).map(label => ({
    command: CommandIDs.removeLabel,
    args: { ...args, label }
  }));
  return [
    { command: CommandIDs.openConsole, args },
    SEPARATOR,
    { command: CommandIDs.setLabel, args },
    ...labels,
    SEPARATOR,
    { command: CommandIDs.rollBack, args }
  ];
}
