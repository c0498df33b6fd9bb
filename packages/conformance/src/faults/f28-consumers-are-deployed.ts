import { equal, ok } from 'node:assert/strict';
import { together } from './counts.js';
import type { Field, Outcome, SharingFault } from './fault.js';
import { type Drain, type Instance, startInstance } from './fleet.js';
import { longestStandstillMs } from './gaps.js';
import { type Running, steady } from './steady.js';

const INSTANCES = 2;
const SHORT_ROLLS = [1 / 3, 2 / 3];
const FULL_ROLLS = [1 / 4, 1 / 2, 3 / 4];
const LINES = 10;
const REST_MS = 160;

/**
 * Consumers are replaced one by one under load, by a version with other settings and back: a new one starts, an old one drains.
 * On an ordered channel, and then on one that is not.
 */
export const consumersAreDeployed: SharingFault = {
  id: 'F28',
  title: 'consumers are replaced under load: nothing is begun after SIGTERM, and what ran ends',
  does: `${INSTANCES} consumers, in processes of their own, are replaced three times, one by one, by others with other settings: the new one starts, the old one gets SIGTERM; on an ordered channel and on one that is not`,
  breaks: 'its own',
  ordered: true,
  run: async (field) => {
    const { ordered } = field.harness;
    if (ordered !== undefined) return deploy(field, ordered);
    const one = await deploy(field, true);
    const other = await deploy(field, false);
    return {
      counts: { ...together(one.counts, other.counts), reordered: one.counts.reordered },
      left: one.left + other.left,
      recoveryMs: Math.max(one.recoveryMs, other.recoveryMs),
      reconnects: one.reconnects,
      notes: [...one.notes, ...other.notes],
    };
  },
};

async function deploy(field: Field, ordered: boolean): Promise<Outcome> {
  const fleet: Instance[] = [];
  const drains: Drain[] = [];
  let books: Running['books'] | undefined;
  const begin = async (run: Running): Promise<void> => {
    ({ books } = run);
    for (let n = 0; n < INSTANCES; n++) fleet.push(await startInstance(field, run, 'old'));
  };
  const roll = async (run: Running, nth: number): Promise<void> => {
    for (let n = 0; n < INSTANCES; n++) {
      fleet.push(await startInstance(field, run, nth % 2 === 0 ? 'new' : 'old'));
      await run.busy();
      drains.push(await fleet.shift()!.drain());
    }
  };
  const end = async (): Promise<void> => {
    for (const instance of fleet.splice(0)) drains.push(await instance.drain());
  };
  const rolls = field.full ? FULL_ROLLS : SHORT_ROLLS;
  try {
    const outcome = await steady(field, {
      ordered,
      consumes: false,
      lines: Math.max(LINES, Math.floor(field.volume / 50)),
      restMs: REST_MS,
      at: [[0, begin], ...rolls.map((part, nth) => [part, (run: Running) => roll(run, nth)] as const)],
      end,
    });
    return { ...outcome, notes: [`${ordered ? 'ordered' : 'not ordered'}: ${noteOf(drains, longestStandstillMs(books!))}`] };
  } finally {
    for (const instance of fleet) await instance.kill();
  }
}

/** @throws Error where a message was begun too late, or the load was none */
function noteOf(drains: readonly Drain[], stillMs: number): string {
  const late = drains.flatMap(({ begunAfter }) => begunAfter);
  equal(late.length, 0, `${late.length} messages were begun after SIGTERM`);
  const inFlight = drains.map((each) => each.inFlight);
  ok(Math.max(...inFlight) > 0, 'no instance was handling anything when SIGTERM came');
  return `handlers in flight at SIGTERM ${inFlight.join(', ')}, no key stood still for longer than ${Math.round(stillMs)} ms`;
}
