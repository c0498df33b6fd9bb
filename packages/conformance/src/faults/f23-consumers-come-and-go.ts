import { ok } from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { App } from '@omnibus/core';
import type { Field, SharingFault } from './fault.js';
import { type Instance, startInstance } from './fleet.js';
import { type Running, service, steady } from './steady.js';

const HANDLER_MS = 20;
const CONCURRENCY = 8;
const LINES = 10;

/** Rests that make a run last long enough for the storm, whatever its volume. */
const REST_MS = 100;

/** Where one consumer at a time is given everything, it passes to another as often as the oldest goes. */
const LEAST_BUSY = 3;

/** Consumers of one group join, leave and are killed, several times and at once, and none of them stays. */
export const consumersComeAndGo: SharingFault = {
  id: 'F23',
  title: 'consumers that come and go skip nothing, and every key keeps its order across the moves',
  does: 'consumers of one group join, leave and get SIGKILL, many times and several at once, while sends and handlers are under way; none of them stays',
  breaks: 'its own',
  ordered: true,
  run: async (field) => {
    await using crew = crewOf(field);
    const round = [
      (run: Running) => Promise.all([crew.join(run), crew.join(run)]),
      (run: Running) => Promise.all([crew.kill(), crew.join(run)]),
      (run: Running) => Promise.all([crew.leave(), crew.leave(), crew.join(run)]),
      (run: Running) => Promise.all([crew.hire(run), crew.leave(), crew.join(run)]),
    ];
    const storm = field.full ? [...round, ...round, ...round] : round;
    const begin = (run: Running): Promise<unknown> => crew.hire(run).then(() => crew.join(run)); // who is killed is the oldest, and busy
    const parts = [begin, ...storm].map((what, index) => {
      const part = index / (storm.length + 1);
      return [part, async (run: Running) => void (await what(run))] as const;
    });
    const outcome = await steady(field, {
      ordered: true,
      consumes: false,
      lines: Math.max(LINES, Math.floor(field.volume / 50)),
      restMs: REST_MS,
      at: parts,
      end: () => crew.end(),
    });
    const { joined, left, killed, busy } = crew.told();
    ok(busy >= LEAST_BUSY, `only ${busy} of ${joined} consumers handled anything: nothing moved`);
    return { ...outcome, notes: [`${joined} consumers joined, ${left} left, ${killed} were killed; ${busy} handled something`] };
  },
};

/** The consumers of the moment: services of this process, and processes that can be killed. */
function crewOf(field: Field) {
  const members: App[] = [];
  const processes: Instance[] = [];
  const busy = new Set<unknown>();
  let joined = 0;
  let left = 0;
  let killed = 0;
  return {
    async join({ work, books }: Running): Promise<void> {
      const member = await service(field, {}, undefined, work);
      work.consume(member, { concurrency: CONCURRENCY }, async (sample) => {
        busy.add(member);
        await wait(HANDLER_MS);
        books.handle(sample);
      });
      members.push(member);
      joined++;
      await member.start();
    },
    /** The oldest drains. */
    async leave(): Promise<void> {
      const oldest = members.shift();
      await oldest?.stop();
      left++;
    },
    async hire(run: Running): Promise<void> {
      const told = run.told;
      const how = { version: 'old', handlerMs: HANDLER_MS } as const;
      const hired = await startInstance(
        field,
        { ...run, told: (process) => told(process).then(() => void busy.add(process)) },
        how,
      );
      processes.push(hired);
      joined++;
    },
    async kill(): Promise<void> {
      await processes.shift()?.kill();
      killed++;
    },
    /** All drain. */
    async end(): Promise<void> {
      const gone = [...members.splice(0).map((member) => member.stop()), ...processes.map((each) => each.drain())];
      left += gone.length;
      await Promise.all(gone);
      processes.length = 0;
    },
    /** Whatever is still there after a failure. */
    async [Symbol.asyncDispose](): Promise<void> {
      await Promise.allSettled([...members.map((member) => member.stop()), ...processes.map((each) => each.kill())]);
    },
    told: () => ({ joined, left, killed, busy: busy.size }),
  };
}
