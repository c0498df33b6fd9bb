import { once } from 'node:events';
import { createApp, queue, topic } from '@omnibus/core';
import { ACK, type Delivery } from '@omnibus/core/transport';
import { describe, expect, it } from 'vitest';
import { kafka } from '../src/index.js';
import { broker, channel, connected, note, notRun, subscription, take, topology, url } from './broker.js';
import { Note } from './support/note.js';

const positionsOf = (deliveries: readonly Delivery[]): readonly (string | undefined)[] =>
  deliveries.map(({ position }) => position);

/** A topic with so many messages in each of its partitions, and a group that begins at the first. */
async function filled(count: number, partitions = 1) {
  const notes = channel();
  const group = subscription(notes, { window: 100 });
  const to = await connected(topology([notes], [group]), { topics: { [notes.address]: { partitions } } });
  const sender = await to.sender(notes);
  await sender.send(Array.from({ length: count * partitions }, () => note())); // without keys they go round
  return { group, to, sender };
}

describe.skipIf(!broker.available)(`moving a group on Kafka${notRun}`, () => {
  it('reads on from there under a new lease, and whoever comes after a crash does too', async () => {
    const { to, group } = await filled(6);
    const first = await to.receiver(group);
    const before = await take(first, 6);
    expect(await first.settle(before.slice(0, 4), ACK)).toEqual([]);
    const lease = once(before[0]!.lease!, 'abort');
    expect(await first.seek!({ position: '0:2' })).toEqual(['0']);
    await lease;
    expect(await first.settle(before.slice(4), ACK)).toMatchObject([{ error: { code: 'LOST' } }, { error: { code: 'LOST' } }]);
    const after = await take(first, 4);
    expect(positionsOf(after)).toEqual(['0:2', '0:3', '0:4', '0:5']);
    expect(await first.settle(after.slice(0, 1), ACK)).toEqual([]);
    await first.seek!('first');
    await first.close(); // nothing of it was read
    const next = await to.receiver(group);
    expect(positionsOf(await take(next, 6))).toEqual(['0:0', '0:1', '0:2', '0:3', '0:4', '0:5']);
  });

  it('skips to the end, and goes back to a moment', async () => {
    const { to, group, sender } = await filled(3);
    const receiver = await to.receiver(group);
    await take(receiver, 1);
    await receiver.seek!('next');
    expect(receiver.lag!()).toEqual({ 0: 0 });
    const moment = new Date(Date.now() + 1);
    await expect.poll(() => Date.now()).toBeGreaterThan(moment.getTime());
    await sender.send([note({ id: 'later' })]);
    expect((await take(receiver, 1)).map(({ id }) => id)).toEqual(['later']);
    await receiver.seek!(moment);
    expect((await take(receiver, 1)).map(({ id }) => id)).toEqual(['later']);
    await receiver.seek!(new Date(Date.now() + 60_000)); // not written yet: what comes next
    await sender.send([note({ id: 'last' })]);
    expect((await take(receiver, 1)).map(({ id }) => id)).toEqual(['last']);
  });

  it('moves the partitions that a position names; of the others what is unsettled comes again', async () => {
    const { to, group } = await filled(3, 3);
    const receiver = await to.receiver(group);
    const all = await take(receiver, 9);
    const of = (partition: string): Delivery[] => all.filter((each) => each.partition === partition);
    await receiver.settle(of('0'), ACK);
    await receiver.settle(of('1').slice(0, 1), ACK);
    expect(await receiver.seek!({ position: '0:2' })).toEqual(['0']);
    expect(positionsOf(await take(receiver, 6)).toSorted()).toEqual(['0:2', '1:1', '1:2', '2:0', '2:1', '2:2']);
  });

  it.each([
    ['what is not written', { position: '0:3' }, /not written yet, the next is 0:2/],
    ['no partition', { position: '7:0' }, /no such partition/],
    ['no position', { position: 'x' }, /a position is partition:offset/],
    ['no date', new Date(Number.NaN), /a date that is none/],
  ])('refuses %s and leaves everything as it is', async (_, from, why) => {
    const { to, group } = await filled(2);
    const receiver = await to.receiver(group);
    const [one, two] = await take(receiver, 2);
    await expect(receiver.seek!(from)).rejects.toMatchObject({ code: 'INVALID', message: expect.stringMatching(why) });
    expect(one!.lease!.aborted).toBe(false);
    expect(await receiver.settle([one!, two!], ACK)).toEqual([]);
  });

  it('moves what this member reads, and says so; while the group rebalances it moves nothing', async () => {
    const { to, group } = await filled(2, 2);
    const first = await to.receiver(group);
    const [one] = await take(first, 4);
    const during = new Promise<unknown>((resolve) => {
      one!.lease!.addEventListener('abort', () => resolve(first.seek!('next').catch((error: unknown) => error)), { once: true });
    });
    const second = await to.receiver(group);
    expect(await during).toMatchObject({ code: 'LOST', message: expect.stringContaining('nothing was moved') });
    const [mine] = await take(first, 2);
    expect(await first.seek!('next')).toEqual([mine!.partition]);
    const others = await take(second, 2);
    expect(others.map(({ partition }) => partition)).not.toContain(mine!.partition);
    expect(await second.settle(others, ACK)).toEqual([]);
    await expect(Promise.all([second.close(), first.close()])).resolves.toBeDefined();
    await expect(first.seek!('next')).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('is not there for a queue', async () => {
    const parcels = channel({ kind: 'queue' });
    const to = await connected(topology([parcels]));
    expect((await to.receiver(subscription(parcels, { group: undefined, address: parcels.address }))).seek).toBeUndefined();
  });

  it('replays a running group as often as it is asked, in the middle of its work', async () => {
    const Notes = topic(`replayed-${process.pid}`, { messages: [Note] });
    const Parcels = queue(`parcels-${process.pid}`, { messages: [Note] });
    const config = { name: 'tests', transports: { log: kafka({ url }) }, default: 'log' };
    const app = await createApp({ config, transports: [kafka], producers: [Notes] });
    let handled: number[] = [];
    app.consumer(Notes, { group: 'g', concurrency: 4 }).handle(Note, async ({ n }, { signal }) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (!signal.aborted) handled.push(n);
    });
    app.consumer(Parcels).handle(Note, () => {});
    await app.start();
    try {
      const count = 400;
      await Promise.all(Array.from({ length: count }, (_, n) => app.producer(Notes).send(Note, { n })));
      for (const reached of [1, count / 4, count / 2]) {
        await expect.poll(() => handled.length, { timeout: 20_000, interval: 1 }).toBeGreaterThanOrEqual(reached);
        expect(await app.seek(Notes, 'g', 'first')).toEqual(['0', '1', '2', '3']);
        handled = [];
      }
      await expect.poll(() => new Set(handled).size, { timeout: 20_000 }).toBe(count);
      expect(handled).toHaveLength(count); // once each: what had run before was committed before
      const refused = app.seek(Parcels as never, undefined as never, 'first');
      await expect(refused).rejects.toMatchObject({ code: 'CAPABILITY' });
    } finally {
      await app.stop();
    }
  });
});
