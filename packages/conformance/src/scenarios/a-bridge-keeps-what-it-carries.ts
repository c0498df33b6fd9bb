import { deepEqual, equal } from 'node:assert/strict';
import type { App, Channel } from '@omnibus/core';
import { times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const KEYS = 5;
const COUNT = 100;

type Notes = Channel<'queue', string, typeof Note, { readonly ordered: true }>;

/**
 * From this broker to another and back, by plain consumers and producers: a message that is handled is sent on with its id, key
 * and headers, and acknowledged when the next broker has it. Both bridges fail now and then.
 */
export const aBridgeKeepsWhatItCarries: Scenario = {
  check: 90,
  title: 'a bridge there and back keeps id, headers and order per key',
  feature: 'ordering',
  async run(world) {
    const { own, other } = world.ways;
    const spec = { messages: [Note], ordered: true, key: ({ n }: { readonly n: number }) => `key ${n % KEYS}` } as const;
    const Away: Notes = world.queue('away', spec);
    const Abroad: Notes = world.queue('abroad', spec);
    const Home: Notes = world.queue('home', spec);
    const config = { emulate: ['safe', 'ordering'] } as const; // one consumer of each queue
    const sources = [
      await world.service({ producers: [Away], transport: own, config }),
      await world.service({ transport: own, config }),
      await world.service({ producers: [Abroad], transport: other, config }),
      await world.service({ transport: other, config }),
      await world.service({ producers: [Home], transport: own, config }),
    ] as const;
    const [sender, leaving, abroad, returning, home] = sources;
    bridge(leaving, Away, abroad, Abroad);
    bridge(returning, Abroad, home, Home);
    const reader = await world.service({ transport: own, config });
    const notes = world.handled(Note);
    reader.consumer(Home, { exclusive: true }).handle(Note, notes.handler);
    await world.start(...sources, reader);

    const sent = times(COUNT, (n) => ({ n, id: `note-${n}-${Home.name}`, tenant: `tänant ${n}` }));
    for (const { n, id, tenant } of sent) await sender.producer(Away).send(Note, { n }, { id, headers: { tenant } });
    const firsts = () => [...new Map(notes.all.map((run) => [run.payload.n, run] as const)).values()];
    await world.until(
      'all are home',
      () => firsts().length === COUNT,
      () => firsts().length,
    );
    for (const { payload, context } of notes.all) {
      const { n, id, tenant } = sent[payload.n]!;
      deepEqual([n, context.id, context.headers['tenant'], context.key], [payload.n, id, tenant, `key ${n % KEYS}`]);
      equal(context.correlationId, id);
    }
    for (const key of times(KEYS, (index) => index))
      deepEqual(
        firsts()
          .map(({ payload }) => payload.n)
          .filter((n) => n % KEYS === key),
        times(COUNT / KEYS, (index) => index * KEYS + key),
      );
  },
};

/** Sends on what arrives; every tenth fails the first time. */
function bridge(from: App, source: Notes, to: App, target: Notes): void {
  from.consumer(source, { exclusive: true }).handle(Note, async (note, { id, key, headers, attempt }) => {
    if (note.n % 10 === 0 && attempt === 1) throw new Error('the bridge fails now and then');
    await to.producer(target).send(Note, note, { id, key, headers });
  });
}
