import { once } from 'node:events';
import { ACK, type Delivery, NONE, RELEASE, type Transport } from '@omnibus/core/transport';
import { describe, expect, it } from 'vitest';
import { broker, CLIENTS, channel, connected, note, notRun, subscription, take, topology } from './broker.js';
import { theEndOfASession } from './support/silent-member.js';

const offsetsOf = (deliveries: readonly Delivery[]): readonly (string | undefined)[] =>
  deliveries.map(({ position }) => position);

/** A topic of one partition with so many messages, and a group that begins at the first. */
async function filled(count: number, options = {}) {
  const notes = channel();
  const group = subscription(notes, { window: 10 });
  const to = await connected(topology([notes], [group]), { topics: { [notes.address]: { partitions: 1 } }, ...options });
  const sender = await to.sender(notes);
  await sender.send(Array.from({ length: count }, () => note()));
  return { notes, group, to };
}

const again = async (to: Transport, { group }: { readonly group: ReturnType<typeof subscription> }) => to.receiver(group);

describe.skipIf(!broker.available).each(CLIENTS)(`receiving from Kafka by %s${notRun}`, (client) => {
  it('commits up to what was acked, and the next member goes on behind it', async () => {
    const { to, group } = await filled(5, { client });
    const first = await to.receiver(group);
    const deliveries = await take(first, 5);
    expect(offsetsOf(deliveries)).toEqual(['0:0', '0:1', '0:2', '0:3', '0:4']);
    expect(await first.settle(deliveries.slice(0, 3), ACK)).toBe(NONE);
    expect(await first.settle(deliveries.slice(0, 3), ACK)).toBe(NONE); // twice is no error
    await first.close();
    const next = await again(to, { group });
    expect(offsetsOf(await take(next, 2))).toEqual(['0:3', '0:4']);
  });

  it('answers LOST after it was closed, and for what is of another receiver', async () => {
    const { to, group } = await filled(1, { client });
    const first = await to.receiver(group);
    const deliveries = await take(first, 1);
    const lease = once(deliveries[0]!.lease!, 'abort');
    await first.close();
    await lease;
    expect(await first.settle(deliveries, ACK)).toMatchObject([{ index: 0, error: { code: 'LOST' } }]);
    const next = await again(to, { group });
    await take(next, 1);
    expect(await next.settle(deliveries, ACK)).toMatchObject([{ index: 0, error: { code: 'LOST' } }]);
  });

  it('reads again from what is released, in order, under the same lease', async () => {
    const { to, group } = await filled(6, { client });
    const receiver = await to.receiver(group);
    const deliveries = await take(receiver, 4);
    expect(await receiver.settle(deliveries.slice(2), RELEASE)).toBe(NONE);
    const more = await take(receiver, 4);
    expect(offsetsOf(more)).toEqual(['0:2', '0:3', '0:4', '0:5']);
    expect(more[0]!.lease).toBe(deliveries[0]!.lease);
  });

  it('stays a member while nobody takes what it holds, for longer than the session timeout', async () => {
    const { to, group } = await filled(60, { client });
    const receiver = await to.receiver(group);
    const [first] = await take(receiver, 1);
    expect(receiver.lag?.()['0']).toBeGreaterThanOrEqual(60 - 11); // ten wait in the window, one was taken
    await theEndOfASession(group.channel.address);
    expect(first!.lease!.aborted).toBe(false);
    expect(await receiver.settle([first!], ACK)).toBe(NONE);
    expect(await take(receiver, 59)).toHaveLength(59);
    expect(receiver.lag?.()).toEqual({ 0: 0 });
  });

  it('ends the leases when another member joins, and hands out again what was not acked', async () => {
    const { to, group } = await filled(3, { client });
    const first = await to.receiver(group);
    const [one, two] = await take(first, 3);
    await first.settle([one!], ACK);
    const abort = once(two!.lease!, 'abort');
    const second = await to.receiver(group); // one partition: either keeps it
    await abort;
    expect(await first.settle([two!], ACK)).toMatchObject([{ error: { code: 'LOST' } }]);
    const signal = AbortSignal.timeout(20_000);
    const came = await Promise.race([first.receive(10, signal), second.receive(10, signal)]);
    expect(offsetsOf(came)).toEqual(['0:1', '0:2']);
  });

  it('pins a group to the end of the log when it is provisioned, so that it misses nothing afterwards', async () => {
    const notes = channel();
    const to = await connected(topology([notes]), { client });
    const sender = await to.sender(notes);
    await sender.send([note({ id: 'before' })]);
    const group = subscription(notes, { from: 'next' });
    await to.provision(topology([notes], [group]), 'create');
    await sender.send([note({ id: 'between' })]);
    const receiver = await to.receiver(group);
    expect((await take(receiver, 1)).map(({ id }) => id)).toEqual(['between']);
  });
});
