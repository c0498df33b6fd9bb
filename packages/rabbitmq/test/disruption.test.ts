import { type RabbitMq, startOwn, until } from '@omnibus/brokers';
import { ACK, NONE, type Transport } from '@omnibus/core/transport';
import { afterAll, describe, expect, it } from 'vitest';
import { channel, containing, like, matching, message, messages, subscription, unique } from './objects.js';
import { connected, consume, provision, take } from './rabbit.js';

// What stops, blocks or times out a whole broker is done to one of our own. An idle broker starts in 5 s.
const found = await startOwn('rabbitmq', { consumerTimeoutMs: 4_000 });
const notRun = found.available ? '' : ` [not run: ${found.reason}]`;
const own = found as RabbitMq;
const never = new AbortController().signal;

afterAll(() => (found.available ? found.dispose() : undefined));

/** Connects again as the core does: until it works. */
const reconnected = (made: Transport): Promise<void> => until(25_000, 'connected again', () => made.connect());

describe.skipIf(!found.available)(`a RabbitMQ in trouble${notRun}`, () => {
  it('that blocks publishers holds sends back until it takes them again, while receiving goes on', async () => {
    const queue = channel('queue', unique('blocked'));
    const made = await connected({ url: [own.url] }, queue);
    const sender = await made.sender(queue);
    await sender.send(messages(2));
    await own.admin!.blockPublishers();
    let isSent = false;
    const sent = sender.send([message({ id: 'held' })]).finally(() => {
      isSent = true;
    });
    await until(20_000, 'health says so', async () => {
      expect(await made.health()).toMatchObject({ ok: false, why: matching(/takes no messages since .*memory/) });
    });
    const receiver = await made.receiver(subscription(queue));
    expect(await consume(receiver, 2)).toHaveLength(2);
    expect(isSent).toBe(false);
    await own.admin!.unblockPublishers();
    expect(await sent).toBe(NONE);
    expect((await consume(receiver, 1)).map(({ id }) => id)).toEqual(['held']);
    expect(await made.health()).toEqual({ ok: true, why: undefined });
  });

  it('that blocks publishers lets the transport close; what was on its way is unknown', async () => {
    const queue = channel('queue', unique('blocked'));
    const made = await connected({ url: [own.url] }, queue);
    const sender = await made.sender(queue);
    await own.admin!.blockPublishers();
    try {
      const sent = sender.send(messages(3));
      await Promise.all([made.close(), expect(sent).rejects.toMatchObject({ code: 'CONNECTION', outcome: 'unknown' })]);
    } finally {
      await own.admin!.unblockPublishers();
    }
  });

  it('that times out a consumer says so, gives its messages again, and the link stands', async () => {
    const queue = channel('queue', unique('timeout'));
    const made = await connected({ url: [own.url] }, queue);
    const [sender, receiver] = [await made.sender(queue), await made.receiver(subscription(queue))];
    await sender.send([message({ id: 'slow' })]);
    const held = await take(receiver, 1);
    await expect(receiver.receive(1, never)).rejects.toMatchObject({
      code: 'CONNECTION',
      message: containing('timeout'),
    });
    expect(held[0]!.lease?.aborted).toBe(true);
    expect(await receiver.settle(held, ACK)).toEqual([{ index: 0, error: like({ code: 'LOST' }) }]);
    expect(await made.health()).toEqual({ ok: true, why: undefined });
    const again = await made.receiver(subscription(queue));
    expect(await consume(again, 1)).toMatchObject([{ id: 'slow', deliveries: 2 }]);
  });

  it('whose operator closes every connection is quoted, and let in again', async () => {
    const queue = channel('queue', unique('operator'));
    const made = await connected({ url: [own.url] }, queue);
    const [sender, receiver] = [await made.sender(queue), await made.receiver(subscription(queue))];
    const waiting = receiver.receive(1, never);
    const [, error] = await Promise.allSettled([own.admin!.closeAllConnections('maintenance tonight'), waiting]);
    expect(error).toMatchObject({ reason: { code: 'CONNECTION', message: containing('maintenance tonight') } });
    await expect(sender.send([message()])).rejects.toMatchObject({ code: 'CONNECTION', outcome: 'failed' });
    await reconnected(made);
    expect(await (await made.sender(queue)).send([message()])).toBe(NONE);
  });

  it('dead-letters by itself what ends its consumer again and again', async () => {
    const queue = channel('queue', unique('poison'));
    const dead = channel('queue', `${queue.address}.dead`);
    const made = await connected({ url: [own.url] }, subscription(queue, { deadLetter: dead, crashLimit: 0 }));
    const sender = await made.sender(queue);
    await sender.send([message({ id: 'poison', headers: { mine: 'a' } })]);
    const receiver = await made.receiver(subscription(queue, { window: 1 }));
    const dying = await made.receiver(subscription(dead));
    const rounds = (async (): Promise<number> => {
      for (let deliveries = 1; ; deliveries++) {
        const [got] = await receiver.receive(1, AbortSignal.timeout(2_000));
        if (got === undefined) return deliveries - 1;
        expect(got.deliveries).toBe(deliveries);
        await receiver.settle([got], { type: 'release' });
      }
    })();
    const [letter] = await take(dying, 1);
    expect(letter).toMatchObject({ id: 'poison', headers: { mine: 'a' }, deliveries: 1 });
    expect(await rounds).toBe(1_001);
  });

  it('that is killed loses nothing that it confirmed, waiting for its time or not', async () => {
    const queue = channel('queue', unique('killed'), { maxDelayMs: 20_000 });
    const made = await connected({ url: [own.url] }, queue);
    const [sender, receiver] = [await made.sender(queue), await made.receiver(subscription(queue))];
    // due when the broker is up again: it takes 3 minutes to try again what it could not dead-letter while it started
    const sent = [...messages(200, () => ({ delayMs: 16_000 })), ...messages(100)];
    for (let from = 0; from < sent.length; from += 100) expect(await sender.send(sent.slice(from, from + 100))).toBe(NONE);
    const seen = new Set((await consume(receiver, 50)).map(({ id }) => id));
    await own.admin!.syncToDisk();
    await own.control!.kill();
    await expect(receiver.receive(1, never)).rejects.toMatchObject({ code: 'CONNECTION' });
    await own.control!.restart();
    await reconnected(made);
    await provision(made, queue);
    const after = await made.receiver(subscription(queue));
    for (let tries = 0; seen.size < sent.length && tries < 1_000; tries++)
      for (const { id } of await consume(after, 1)) seen.add(id);
    expect([...seen].sort()).toEqual(sent.map(({ id }) => id).sort());
  });
});
