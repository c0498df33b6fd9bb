import { equal, ok } from 'node:assert/strict';
import { together } from './counts.js';
import type { Field, Outcome, SharingFault } from './fault.js';
import { type Drain, type Instance, startInstance } from './fleet.js';
import { longestStandstillMs } from './gaps.js';
import { type Running, steady } from './steady.js';

const INSTANCES = 2;
const LINES = 10;
const REST_MS = 160;

/** Parts of the run at which an instance is replaced. */
const SHORT = [1 / 5, 2 / 5, 3 / 5, 4 / 5];
const FULL = [1 / 7, 2 / 7, 3 / 7, 4 / 7, 5 / 7, 6 / 7];

/** How long a handler runs, so that some of them run at any time: the full form sends 20 times as much in the same time. */
const SHORT_HANDLER_MS = 100;
const FULL_HANDLER_MS = 10;

/** SIGTERM waits so long for a handler that runs: while partitions move none does, and some instances have nothing to do. */
const BUSY_MS = 2_000;

/**
 * Consumers are replaced one by one under load, by a version with other settings and back: a new one starts, an old one drains.
 * On an ordered channel, and then on one that is not.
 */
export const consumersAreDeployed: SharingFault = {
  id: 'F28',
  title: 'consumers are replaced under load: nothing is begun after SIGTERM, and what ran ends',
  does: `${INSTANCES} consumers, in processes of their own, are replaced one by one, several times, by others with other settings: the new one starts, the old one gets SIGTERM; on an ordered channel and on one that is not`,
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
  const handlerMs = field.full ? FULL_HANDLER_MS : SHORT_HANDLER_MS;
  const fleet: Instance[] = [];
  const drains: Drain[] = [];
  let books: Running['books'] | undefined;
  let started = 0;
  const start = async (run: Running): Promise<void> => {
    const isNew = Math.floor(started++ / INSTANCES) % 2 > 0;
    fleet.push(await startInstance(field, run, { version: isNew ? 'new' : 'old', handlerMs }));
  };
  const begin = async (run: Running): Promise<void> => {
    ({ books } = run);
    for (let n = 0; n < INSTANCES + 1; n++) await start(run); // the last is the first of the next version
  };
  const replace = async (run: Running): Promise<void> => {
    const oldest = fleet.shift()!;
    await oldest.busy(BUSY_MS);
    drains.push(await oldest.drain());
    await start(run);
  };
  const end = async (): Promise<void> => {
    for (const instance of fleet.splice(0)) drains.push(await instance.drain());
  };
  try {
    const outcome = await steady(field, {
      ordered,
      consumes: false,
      lines: Math.max(LINES, Math.floor(field.volume / 50)),
      restMs: REST_MS,
      at: [[0, begin], ...(field.full ? FULL : SHORT).map((part) => [part, replace] as const)],
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
