import { Socket } from 'node:net';
import { FaultProxy, until } from '@omnibus/brokers';
import { NONE } from '@omnibus/core/transport';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { HEADER_NAME } from '../src/wire.js';
import { channel, containing, like, message, messages, subscription, topology, unique } from './objects.js';
import { broker, bystander, connected, consume, notRun, provision, take, transport, url } from './rabbit.js';

describe.skipIf(!broker.available)(`a sender on RabbitMQ${notRun}`, () => {
  it('delivers messages equal field by field, whatever is in them', async () => {
    const queue = channel('queue', unique('equal'));
    const made = await connected({}, queue);
    const [sender, receiver] = [await made.sender(queue), await made.receiver(subscription(queue))];
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((one) => HEADER_NAME.test(one) && !one.startsWith('ce-'));
    const many = fc
      .sample(
        fc.record({
          id: text,
          type: text,
          contentType: text,
          body: fc.uint8Array({ maxLength: 5_000 }),
          time: fc.integer({ min: 1, max: 8.64e15 }),
          expiresAt: fc.oneof(fc.integer({ min: 1, max: 8.64e15 }), fc.constant(Infinity)),
          headers: fc.dictionary(name, text),
          key: fc.option(text, { nil: undefined }),
          correlationId: fc.option(text, { nil: undefined }),
          replyTo: fc.option(text, { nil: undefined }),
          priority: fc.integer({ min: 0, max: 255 }),
        }),
        100,
      )
      .map((facts) => message(facts));
    expect(await sender.send(many)).toBe(NONE);
    const got = await consume(receiver, many.length);
    for (const [index, sent] of many.entries()) {
      const { id, type, time, contentType, headers, key, correlationId, replyTo, expiresAt, priority, body } = got[index]!;
      const fields = { id, type, time, contentType, headers, key, correlationId, replyTo, expiresAt, priority, delayMs: 0 };
      expect({ ...fields, body: new Uint8Array(body) }).toEqual({ ...sent, headers: { ...sent.headers } });
    }
  });

  it('takes bodies up to its limit, and refuses a larger one by itself', async () => {
    const queue = channel('queue', unique('large'));
    const made = await connected({ maxMessageBytes: 1_000_000 }, queue);
    const sender = await made.sender(queue);
    const batch = [
      message({ body: new Uint8Array(1_000_000).fill(7) }),
      message({ body: new Uint8Array(1_000_001) }),
      message({ body: new Uint8Array(0) }),
    ];
    expect(await sender.send(batch)).toEqual([{ index: 1, error: like({ code: 'TOO_LARGE', retryable: false }) }]);
    const bodies = (await consume(await made.receiver(subscription(queue)), 2)).map(({ body }) => body);
    expect(bodies.map((body) => body.length)).toEqual([1_000_000, 0]);
    expect(bodies[0]!.every((byte) => byte === 7)).toBe(true);
  });

  it('refuses each message that AMQP cannot carry by itself, and sends the rest', async () => {
    const queue = channel('queue', unique('refused'));
    const made = await connected({}, queue);
    const sender = await made.sender(queue);
    const batch = [
      message({ id: 'first' }),
      message({ id: 'i'.repeat(256) }),
      message({ headers: { large: 'x'.repeat(65_536) } }),
      message({ headers: { ['n'.repeat(256)]: '' } }),
      message({ headers: { CC: 'elsewhere' } }),
      message({ priority: 256 }),
      message({ delayMs: 2 ** 21 * 1_000 }),
      message({ id: 'last' }),
    ];
    const codes = (await sender.send(batch)).map(({ index, error }) => [index, error.code, error.outcome]);
    expect(codes).toEqual([
      [1, 'INVALID', 'failed'],
      [2, 'TOO_LARGE', 'failed'],
      [3, 'INVALID', 'failed'],
      [4, 'INVALID', 'failed'],
      [5, 'INVALID', 'failed'],
      [6, 'INVALID', 'failed'],
    ]);
    expect((await consume(await made.receiver(subscription(queue)), 2)).map(({ id }) => id)).toEqual(['first', 'last']);
    await expect(sender.send(messages(1_001))).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('says NO_ROUTE of each message to a queue that does not exist, and goes on once it does', async () => {
    const queue = channel('queue', unique('missing'));
    const made = await connected({});
    const sender = await made.sender(queue);
    const failures = await sender.send(messages(2));
    expect(failures.map(({ index, error }) => [index, error.code, error.retryable])).toEqual([
      [0, 'NO_ROUTE', false],
      [1, 'NO_ROUTE', false],
    ]);
    expect(failures[0]!.error.message).toContain(`'${queue.address}'`);
    await provision(made, queue);
    expect(await sender.send(messages(2))).toBe(NONE);
  });

  it('gives each group of a topic the types that it handles, and a topic without groups takes and discards', async () => {
    const orders = channel('topic', unique('orders'), { types: ['placed', 'order.cancelled'] });
    const all = subscription(orders, { group: 'all' });
    const some = subscription(orders, { group: 'some', types: ['order.cancelled'] });
    const made = await connected({}, orders);
    const sender = await made.sender(orders);
    expect(await sender.send([message({ type: 'placed' })])).toBe(NONE);
    await provision(made, all, some);
    expect(
      await sender.send([message({ type: 'placed' }), message({ type: 'order.cancelled' }), message({ type: 'unknown' })]),
    ).toBe(NONE);
    expect((await consume(await made.receiver(all), 2)).map(({ type }) => type)).toEqual(['placed', 'order.cancelled']);
    expect((await consume(await made.receiver(some), 1)).map(({ type }) => type)).toEqual(['order.cancelled']);
  });

  it('to a topic that does not exist is not opened: NOT_FOUND', async () => {
    const made = await connected({});
    await expect(made.sender(channel('topic', unique('nowhere')))).rejects.toMatchObject({ code: 'NOT_FOUND', retryable: false });
    expect(await made.health()).toEqual({ ok: true, why: undefined });
  });

  it('says THROTTLED, retryable, of each message that a full queue refuses', async () => {
    const queue = channel('queue', unique('full'));
    const { channel: own } = await bystander();
    await own.assertQueue(queue.address, {
      arguments: { 'x-queue-type': 'quorum', 'x-max-length': 2, 'x-overflow': 'reject-publish' },
    });
    const made = await connected({});
    const sender = await made.sender(queue);
    const batch = messages(20);
    const failures = await until(20_000, 'the queue is full', async () => {
      const some = await sender.send(batch);
      return some.length > 0 ? some : Promise.reject(new Error('it took all'));
    });
    for (const { error } of failures) expect(error).toMatchObject({ code: 'THROTTLED', retryable: true, outcome: 'failed' });
    await consume(await made.receiver(subscription(queue)), 2);
    await until(20_000, 'there is room again', async () => expect(await sender.send([message()])).toBe(NONE));
  });

  it('keeps the order of overlapping sends', async () => {
    const queue = channel('queue', unique('order'));
    const made = await connected({}, queue);
    const sender = await made.sender(queue);
    const all = messages(500);
    await Promise.all(Array.from({ length: 50 }, (_, index) => sender.send(all.slice(index * 10, index * 10 + 10))));
    const got = await consume(await made.receiver(subscription(queue)), all.length);
    expect(got.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  });

  it('does not know what became of what was sent when the link is cut before the confirm; the message is there', async () => {
    const queue = channel('queue', unique('cut'));
    await using proxy = await FaultProxy.inFrontOf(url);
    const made = await connected({ url: [proxy.url(url)] }, queue);
    const sender = await made.sender(queue);
    void proxy.cutWhen((direction, chunk) => direction === 'up' && chunk.includes('precious'));
    const sent = sender.send([message({ body: Buffer.from('precious') })]);
    await expect(sent).rejects.toMatchObject({ code: 'CONNECTION', retryable: true, outcome: 'unknown' });
    await expect(sender.send([message()])).rejects.toMatchObject({ code: 'CONNECTION', outcome: 'failed' });
    expect(await made.health()).toMatchObject({ ok: false, why: containing('ended') });
    await made.connect();
    const got = await consume(await made.receiver(subscription(queue)), 1);
    expect(Buffer.from(got[0]!.body).toString()).toBe('precious');
    await sender.close();
  });

  it('loses only its own channel where the broker ends it, and another is opened on the same link', async () => {
    const orders = channel('topic', unique('orders'));
    const group = subscription(orders, { group: 'g' });
    const made = await connected({}, group);
    const [sender, receiver, other] = [await made.sender(orders), await made.receiver(group), await made.sender(orders)];
    const { channel: own } = await bystander();
    await own.deleteExchange(orders.address);
    await expect(sender.send(messages(3))).rejects.toMatchObject({
      code: 'CONNECTION',
      outcome: 'unknown',
      message: containing('NOT_FOUND'),
    });
    expect(await made.health()).toEqual({ ok: true, why: undefined });
    await expect(made.sender(orders)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await provision(made, group);
    expect(await (await made.sender(orders)).send([message()])).toBe(NONE);
    expect(await other.send([message()])).toBe(NONE);
    expect(await take(receiver, 2)).toHaveLength(2);
  });

  it('lets the sends in flight finish when it is closed, and takes no more', async () => {
    const queue = channel('queue', unique('close'));
    const made = await connected({}, queue);
    const sender = await made.sender(queue);
    const sent = [sender.send(messages(500)), sender.send(messages(500))];
    await Promise.all([sender.close(), sender.close()]);
    expect(await Promise.all(sent)).toEqual([NONE, NONE]);
    await expect(sender.send([message()])).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('lets the sends in flight finish when its transport is closed', async () => {
    const queue = channel('queue', unique('close'));
    const made = await connected({}, queue);
    const sender = await made.sender(queue);
    const sent = sender.send(messages(500));
    await made.close();
    expect(await sent).toBe(NONE);
  });

  it('writes the frames of one send to the socket at once', async () => {
    const queue = channel('queue', unique('together'));
    const made = await connected({}, queue);
    const sender = await made.sender(queue);
    const writes = vi.spyOn(Socket.prototype, '_writev');
    onTestFinished(() => writes.mockRestore());
    await sender.send(messages(50));
    expect(writes.mock.calls.map(([chunks]) => chunks.length)).toEqual([50]);
  });

  it('is not opened before the transport is connected, nor after it is closed', async () => {
    const made = transport();
    await expect(made.sender(channel('queue', 'q'))).rejects.toMatchObject({ code: 'CONNECTION' });
    await expect(made.provision(topology(), 'create')).rejects.toMatchObject({ code: 'CONNECTION' });
    await made.close();
    await expect(made.sender(channel('queue', 'q'))).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(made.connect()).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await made.health()).toMatchObject({ ok: false });
  });
});
