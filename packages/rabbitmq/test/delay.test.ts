import { NONE } from '@omnibus/core/transport';
import { describe, expect, it } from 'vitest';
import { channel, like, message, subscription, unique } from './objects.js';
import { broker, bystander, connected, consume, notRun, take, transport } from './rabbit.js';

const now = (): number => performance.now();

describe.skipIf(!broker.available)(`a delayed message on RabbitMQ${notRun}`, () => {
  it('waits its time and arrives as it was sent, by any number of hops', async () => {
    const queue = channel('queue', unique('later.with.dots'), { maxDelayMs: 10_000 });
    const made = await connected({}, queue);
    const [sender, receiver] = [await made.sender(queue), await made.receiver(subscription(queue))];
    const began = now();
    const sent = [3_000, 1_000, 0].map((delayMs) => message({ delayMs, headers: { mine: 'a' }, key: 'k', priority: 4 }));
    expect(await sender.send(sent)).toBe(NONE);
    const arrived: [string, number][] = [];
    for (let count = 0; count < 3; count++) {
      const [got] = await take(receiver, 1);
      const original = sent.find(({ id }) => id === got!.id)!;
      arrived.push([got!.id, now() - began]);
      const { type, time, contentType, headers, key, priority, deliveries } = got!;
      expect({ type, time, contentType, headers, key, priority, deliveries }).toEqual({
        type: original.type,
        time: original.time,
        contentType: original.contentType,
        headers: { mine: 'a' },
        key: 'k',
        priority: 4,
        deliveries: 1,
      });
    }
    expect(arrived.map(([id]) => id)).toEqual([sent[2]!.id, sent[1]!.id, sent[0]!.id]);
    expect(arrived[1]![1]).toBeGreaterThanOrEqual(1_000);
    expect(arrived[2]![1]).toBeGreaterThanOrEqual(3_000);
  });

  it('to a topic reaches the groups of its type', async () => {
    const orders = channel('topic', unique('orders'), { types: ['order.placed', 'other'], maxDelayMs: 10_000 });
    const placed = subscription(orders, { group: 'placed', types: ['order.placed'] });
    const other = subscription(orders, { group: 'other', types: ['other'] });
    const made = await connected({}, placed, other);
    const sender = await made.sender(orders);
    const [late, later] = [message({ type: 'order.placed', delayMs: 500 }), message({ type: 'other', delayMs: 1_500 })];
    expect(await sender.send([late, later])).toBe(NONE);
    expect((await take(await made.receiver(placed), 1))[0]!.id).toBe(late.id);
    expect((await take(await made.receiver(other), 1))[0]!.id).toBe(later.id);
  });

  it('can go round again and again: a copy of what came out is no dead-letter cycle', async () => {
    const queue = channel('queue', unique('again'));
    const made = await connected({}, queue);
    const [sender, receiver] = [await made.sender(queue), await made.receiver(subscription(queue))];
    await sender.send([message({ id: 'same', delayMs: 1_000 })]);
    for (let round = 0; round < 3; round++) {
      const [got] = await consume(receiver, 1);
      expect(got!.id).toBe('same');
      expect(await sender.send([{ ...got!, delayMs: 1_000 }])).toBe(NONE);
    }
    expect(await take(receiver, 1)).toHaveLength(1);
  });

  it('whose queue is gone when it is due is kept, and holds up nobody', async () => {
    const [gone, other] = [channel('queue', unique('gone')), channel('queue', unique('other'))];
    const orders = channel('topic', unique('nobody'), { maxDelayMs: 10_000 });
    const made = await connected({}, gone, other, orders);
    const [sender, toOther, toNobody] = [await made.sender(gone), await made.sender(other), await made.sender(orders)];
    const { channel: own } = await bystander();
    const kept = new Promise<string>((resolve) => {
      void own.consume('omnibus.delay.unroutable', (got) => {
        if (got?.properties.messageId !== 'orphan') return;
        own.ack(got);
        resolve(got.fields.routingKey);
      });
    });
    // more than at-least-once dead-lettering has on its way at one time
    expect(await toNobody.send(Array.from({ length: 100 }, () => message({ delayMs: 1_000 })))).toBe(NONE);
    expect(await sender.send([message({ id: 'orphan', delayMs: 1_000 })])).toBe(NONE);
    await own.deleteQueue(gone.address);
    expect(await toOther.send([message({ delayMs: 1_000 })])).toBe(NONE);
    expect(await take(await made.receiver(subscription(other)), 1)).toHaveLength(1);
    expect(await kept).toContain(`q.${gone.address.replaceAll('.', '%2e')}`);
  });

  it('is refused by itself where the wait queues are switched off', async () => {
    const queue = channel('queue', unique('undelayed'));
    const made = await connected({ delay: false }, queue);
    const sender = await made.sender(queue);
    expect(await sender.send([message({ delayMs: 1 }), message()])).toEqual([{ index: 0, error: like({ code: 'NOT_FOUND' }) }]);
  });

  it('goes without provisioning where another has made the wait queues', async () => {
    const queue = channel('queue', unique('assumed'));
    await connected({}, queue);
    const made = transport();
    await made.connect();
    expect(await (await made.sender(queue)).send([message({ delayMs: 1 })])).toBe(NONE);
    expect(await take(await made.receiver(subscription(queue)), 1)).toHaveLength(1);
  });
});
