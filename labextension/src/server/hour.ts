import type { ModelHistory, Step } from '../api/answers';
import { countersOf } from './counters';
import { HOUR } from './history';
import { Break, Sample, sampleOf } from './sample';

/** Where the wall clock was set, or nothing is known, in seconds. */
const GAP = 5;
/** A step that has only begun tells little. */
const LEAST = 2;

/** The last hour of a model, as the server has kept it; what a run before had told, too. */
export class Hour {
  private ended: (Sample | Break)[] = [];
  private current: Sample | null = null;
  private run: string | null = null;
  private following = 0;

  /** The number of the first step that is not known yet. */
  get next(): number {
    return this.following;
  }

  /** Since when something is known, in seconds since the epoch. */
  get since(): number | null {
    const first = this.ended.find(one => one !== null) ?? this.current;
    return first ? first.time - first.seconds : null;
  }

  /** What happened, the oldest first. */
  get samples(): (Sample | Break)[] {
    const { ended, current } = this;
    return current && current.seconds >= LEAST ? [...ended, current] : ended;
  }

  /** Whether an answer goes on where the last one ended. */
  continues(answer: ModelHistory): boolean {
    return this.run === null || this.run === answer.run;
  }

  /** Take note of an answer; of another run of the server, it has to be one with all steps. */
  add(answer: ModelHistory): void {
    if (!this.continues(answer)) {
      this.interrupt();
      this.following = 0;
    }
    const shown = (step: Step) => sampleOfStep(step, answer.bounds.micros);
    for (const step of answer.steps.filter(one => one.number >= this.following)) {
      this.push(shown(step));
    }
    this.run = answer.run;
    this.following = answer.next;
    this.current = shown(answer.current);
    const known = this.ended.findIndex(one => one && one.time > answer.time - HOUR);
    this.ended = known < 0 ? [] : this.ended.slice(known);
  }

  private push(sample: Sample): void {
    const last = this.ended[this.ended.length - 1];
    if (last && Math.abs(sample.time - sample.seconds - last.time) > GAP) {
      this.interrupt();
    }
    this.ended.push(sample);
  }

  private interrupt(): void {
    if (this.ended[this.ended.length - 1]) {
      this.ended.push(null);
    }
  }
}

function sampleOfStep(step: Step, bounds: readonly number[]): Sample {
  const versions = Object.entries(step.versions);
  const counted = versions.map(
    ([version, counts]) => [version, countersOf(counts)] as const
  );
  return sampleOf(Object.fromEntries(counted), bounds, {
    time: step.time,
    seconds: Math.max(step.seconds, 1e-3),
    queued: versions.reduce((all, [, one]) => all + one.queued, 0),
    inFlight: versions.reduce((all, [, one]) => all + one.in_flight, 0)
  });
}
