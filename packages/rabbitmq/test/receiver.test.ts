import { FaultProxy, until } from '@omnibus/brokers';
import { ACK, NONE, RELEASE } from '@omnibus/core/transport';
import { describe, expect, it } from 'vitest';
import { channel, containing, like, message, messages, subscription, topology, unique } from './objects.js';
import { broker, bystander, connected, consume, notRun, take, url } from './rabbit.js';

const never = new AbortController().signal;
const ids = (batch: readonly { readonly id: string }[]): string[] => batch.map(({ id }) => id);

describe.skipIf(!broker.available)(`a receiver on RabbitMQ${notRun}`, () => {
  it('holds no more than its window unsettled', async () => {
    const queue = channel('queue', unique('window'));
    const made = await connected({}, queue);
    const [receiver, sender] = [await made.receiver(subscription(queue, { window: 5 })), await made.sender(queue)];
    const { channel: own } = await bystander();
    const ready = async (amount: number): Promise<void> =>
      until(20_000, `${amount} messages wait`, async () =>
        expect((await own.checkQueue(queue.address)).messageCount).toBe(amount),
      );
    await sender.send(messages(20));
    const held = await take(receiver, 5);
    await ready(15);
    await receiver.settle(held.slice(0, 2), ACK);
    expect(await take(receiver, 2)).toHaveLength(2);
    await ready(13);
  });

  it('gives empty at once when the signal aborts, and what comes then is given next time', async () => {
    const queue = channel('queue', unique('abort'));
    const made = await connected({}, queue);
    const [receiver, sender] = [await made.receiver(subscription(queue)), await made.sender(queue)];
    const abort = new AbortController();
    const waiting = receiver.receive(10, abort.signal);
    abort.abort();
    expect(await waiting).toEqual([]);
    expect(await receiver.receive(10, abort.signal)).toEqual([]);
    const sent = message();
    await sender.send([sent]);
    expect(ids(await take(receiver, 1))).toEqual([sent.id]);
    await expect(receiver.receive(65_536, never)).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('settles in any order and twice without harm: nothing that was settled comes again, all else does', async () => {
    const queue = channel('queue', unique('settle'));
    const made = await connected({}, queue);
    const [receiver, sender] = [await made.receiver(subscription(queue)), await made.sender(queue)];
    const sent = messages(40);
    await sender.send(sent);
    const held = await take(receiver, 40);
    const odd = held.filter((_, index) => index % 2 === 1);
    expect(await receiver.settle([...odd.slice(10), odd[12]!, ...odd.slice(0, 10)], ACK)).toBe(NONE);
    expect(await receiver.settle(held.slice(0, 10), ACK)).toBe(NONE);
    expect(await receiver.settle(odd, ACK)).toBe(NONE);
    expect(await receiver.settle([], ACK)).toBe(NONE);
    await receiver.close();
    const again = await take(await made.receiver(subscription(queue)), 15);
    expect(ids(again)).toEqual(ids(sent.filter((_, index) => index % 2 === 0 && index >= 10)));
    expect(again.map(({ deliveries }) => deliveries)).toEqual(again.map(() => 2));
    expect(await made.health()).toMatchObject({ ok: true });
  });

  it('gives back what is released, with its place in the window', async () => {
    const queue = channel('queue', unique('release'));
    const made = await connected({}, queue);
    const [receiver, sender] = [await made.receiver(subscription(queue, { window: 3 })), await made.sender(queue)];
    const sent = messages(3);
    await sender.send(sent);
    const held = await take(receiver, 3);
    expect(await receiver.settle([held[0]!, held[2]!], RELEASE)).toBe(NONE);
    expect(await receiver.settle([held[0]!], ACK)).toBe(NONE);
    const again = await take(receiver, 2);
    expect(ids(again).sort()).toEqual([sent[0]!.id, sent[2]!.id].sort());
    expect(await receiver.settle([...again, held[1]!], ACK)).toBe(NONE);
    await receiver.close();
    const last = message();
    await sender.send([last]);
    expect(ids(await take(await made.receiver(subscription(queue)), 1))).toEqual([last.id]);
  });

  it.each([{ type: 'retry', delayMs: 0 } as const, { type: 'reject', reason: 'no' } as const])(
    'leaves the verdict $type to the core',
    async (verdict) => {
      const queue = channel('queue', unique('verdict'));
      const made = await connected({}, queue);
      const receiver = await made.receiver(subscription(queue));
      await (await made.sender(queue)).send([message()]);
      await expect(receiver.settle(await take(receiver, 1), verdict)).rejects.toMatchObject({ code: 'INVALID' });
    },
  );

  it('gives back what is unsettled in order when it is closed, of an ordered queue too, and releases none of it alone', async () => {
    const queue = channel('queue', unique('ordered'), { ordered: true });
    const made = await connected({}, queue);
    const [receiver, sender] = [await made.receiver(subscription(queue, { window: 10 })), await made.sender(queue)];
    const sent = messages(20);
    await sender.send(sent);
    const held = await take(receiver, 5);
    await expect(receiver.settle(held, RELEASE)).rejects.toMatchObject({ code: 'INVALID' });
    expect(await receiver.settle(held.slice(0, 3), ACK)).toBe(NONE);
    await Promise.all([receiver.close(), receiver.close()]);
    expect(held[3]!.lease?.aborted).toBe(true);
    await expect(receiver.receive(1, never)).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await receiver.settle(held.slice(2), ACK)).toEqual([
      { index: 1, error: like({ code: 'LOST' }) },
      { index: 2, error: like({ code: 'LOST' }) },
    ]);
    const again = await consume(await made.receiver(subscription(queue)), 17);
    expect(ids(again)).toEqual(ids(sent.slice(3)));
  });

  it('lets one of two processes work on an ordered queue, and the other take over', async () => {
    const queue = channel('queue', unique('single'), { ordered: true });
    const [one, other] = [await connected({}, queue), await connected({}, queue)];
    const [first, second] = [await one.receiver(subscription(queue)), await other.receiver(subscription(queue))];
    const sender = await one.sender(queue);
    const sent = messages(10);
    await sender.send(sent);
    const waiting = take(second, 6);
    await first.settle((await take(first, 10)).slice(0, 4), ACK);
    await first.close();
    expect(ids(await waiting)).toEqual(ids(sent.slice(4)));
  });

  it('settles nothing by the deliveries of a former one: they are LOST, and what they were comes again', async () => {
    const queue = channel('queue', unique('stale'));
    const made = await connected({}, queue);
    const sender = await made.sender(queue);
    const sent = messages(3);
    await sender.send(sent);
    const former = await made.receiver(subscription(queue));
    const stale = await take(former, 3);
    await former.close();
    const receiver = await made.receiver(subscription(queue));
    const fresh = await take(receiver, 3);
    const lost = (await receiver.settle(stale, ACK)).map(({ index, error }) => [index, error.code]);
    expect(lost).toEqual([
      [0, 'LOST'],
      [1, 'LOST'],
      [2, 'LOST'],
    ]);
    expect(await receiver.settle([fresh[1]!], ACK)).toBe(NONE);
    await receiver.close();
    expect(ids(await take(await made.receiver(subscription(queue)), 2))).toEqual([sent[0]!.id, sent[2]!.id]);
  });

  it('settles nothing by the deliveries of another transport: they are LOST, and its own are settled beside them', async () => {
    const queue = channel('queue', unique('strange'));
    const made = await connected({}, queue);
    const [receiver, sender] = [await made.receiver(subscription(queue)), await made.sender(queue)];
    await sender.send([message()]);
    const held = await take(receiver, 1);
    const strange = [undefined, null, 7, {}].map((receipt) => ({ ...held[0]!, receipt }));
    const codes = (await receiver.settle([...strange, ...held], ACK)).map(({ index, error }) => [index, error.code]);
    expect(codes).toEqual([0, 1, 2, 3].map((index) => [index, 'LOST']));
    await receiver.close();
    const { channel: own } = await bystander();
    expect((await own.checkQueue(queue.address)).messageCount).toBe(0);
  });

  it('aborts its lease and settles LOST when the link is cut, and all that it held comes again', async () => {
    const queue = channel('queue', unique('cut'));
    await using proxy = await FaultProxy.inFrontOf(url);
    const made = await connected({ url: [proxy.url(url)] }, queue);
    const [receiver, sender] = [await made.receiver(subscription(queue)), await made.sender(queue)];
    const sent = messages(5);
    await sender.send(sent);
    const held = await take(receiver, 5);
    await receiver.settle(held.slice(0, 2), ACK);
    await sender.send([]); // the acks are with the broker before what comes next
    await until(20_000, 'the broker has the acks', async () => {
      const { channel: own } = await bystander();
      expect((await own.checkQueue(queue.address)).messageCount).toBe(0);
    });
    const waiting = receiver.receive(1, never);
    proxy.cutAll();
    await expect(waiting).rejects.toMatchObject({ code: 'CONNECTION', retryable: true });
    expect(held[2]!.lease?.aborted).toBe(true);
    await expect(receiver.receive(1, never)).rejects.toMatchObject({ code: 'CONNECTION' });
    expect((await receiver.settle(held, ACK)).map(({ index, error }) => [index, error.code])).toEqual([
      [2, 'LOST'],
      [3, 'LOST'],
      [4, 'LOST'],
    ]);
    await made.connect();
    const after = await made.receiver(subscription(queue));
    expect((await after.settle(held, ACK)).every(({ error }) => error.code === 'LOST')).toBe(true);
    expect(ids(await consume(after, 3)).sort()).toEqual(ids(sent.slice(2)).sort());
    await receiver.close();
  });

  it('says CONNECTION when its queue is deleted, then NOT_FOUND, on a link that stands; made again it is consumed again', async () => {
    const queue = channel('queue', unique('deleted'));
    const made = await connected({}, queue);
    const [receiver, sender] = [await made.receiver(subscription(queue)), await made.sender(queue)];
    await sender.send([message()]);
    const held = await take(receiver, 1);
    const waiting = receiver.receive(1, never);
    const { channel: own } = await bystander();
    await Promise.all([
      expect(waiting).rejects.toMatchObject({ code: 'CONNECTION', message: containing('cancelled') }),
      own.deleteQueue(queue.address),
    ]);
    expect(held[0]!.lease?.aborted).toBe(true);
    expect(await receiver.settle(held, ACK)).toEqual([{ index: 0, error: like({ code: 'LOST' }) }]);
    expect(await made.health()).toEqual({ ok: true, why: undefined });
    await receiver.close();
    await expect(made.receiver(subscription(queue))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: containing(queue.address),
    });
    await made.provision(topology(queue), 'create');
    const again = await made.receiver(subscription(queue));
    await sender.send([message()]);
    expect(await consume(again, 1)).toHaveLength(1);
  });

  it('does not take over what was delivered after its lock ran out: LOST, and it comes again', async () => {
    const queue = channel('queue', unique('late'));
    const made = await connected({ consumerTimeoutMs: 200 }, queue);
    const [receiver, sender] = [await made.receiver(subscription(queue)), await made.sender(queue)];
    const sent = messages(3);
    await sender.send(sent);
    const held = await take(receiver, 3);
    expect(held[0]!.lockedUntil - performance.now()).toBeLessThanOrEqual(200);
    await until(5_000, 'the locks ran out', async () => expect(performance.now()).toBeGreaterThan(held[2]!.lockedUntil));
    await sender.send([message({ id: 'fresh' })]);
    const [fresh] = await take(receiver, 1);
    expect(await receiver.settle([held[0]!, fresh!, held[2]!], ACK)).toEqual([
      { index: 0, error: like({ code: 'LOST' }) },
      { index: 2, error: like({ code: 'LOST' }) },
    ]);
    expect(ids(await take(receiver, 2)).sort()).toEqual([sent[0]!.id, sent[2]!.id]);
  });

  it('of an ordered queue ends when a lock ran out, so that all of it comes again in order', async () => {
    const queue = channel('queue', unique('late.ordered'), { ordered: true });
    const made = await connected({ consumerTimeoutMs: 200 }, queue);
    const [receiver, sender] = [await made.receiver(subscription(queue)), await made.sender(queue)];
    const sent = messages(4);
    await sender.send(sent);
    const held = await take(receiver, 4);
    await until(5_000, 'the locks ran out', async () => expect(performance.now()).toBeGreaterThan(held[3]!.lockedUntil));
    const failures = await receiver.settle(held.slice(0, 2), ACK);
    expect(failures.map(({ error }) => error.code)).toEqual(['LOST', 'LOST']);
    await expect(receiver.receive(1, never)).rejects.toMatchObject({
      code: 'CONNECTION',
      message: containing('consumerTimeoutMs'),
    });
    await receiver.close();
    expect(ids(await take(await made.receiver(subscription(queue)), 4))).toEqual(ids(sent));
  });

  it('has no lock where the broker has none', async () => {
    const queue = channel('queue', unique('lockless'));
    const made = await connected({ consumerTimeoutMs: 0 }, queue);
    const receiver = await made.receiver(subscription(queue));
    await (await made.sender(queue)).send([message()]);
    expect((await take(receiver, 1))[0]!.lockedUntil).toBe(Number.POSITIVE_INFINITY);
  });

  it('takes messages of programs that know nothing of us', async () => {
    const queue = channel('queue', unique('foreign'));
    const made = await connected({}, queue);
    const { channel: own } = await bystander();
    own.sendToQueue(queue.address, Buffer.from([0, 255]), {
      timestamp: 1_767_225_600,
      headers: { count: 3, list: ['a'], yes: true, bytes: Buffer.from([255]) },
    });
    const [got] = await take(await made.receiver(subscription(queue)), 1);
    expect(got).toMatchObject({
      id: '',
      type: '',
      time: 1_767_225_600_000,
      contentType: '',
      headers: { count: '3', list: '["a"]', yes: 'true', bytes: 'base64:/w==' },
    });
    expect([...got!.body]).toEqual([0, 255]);
    expect((got!.native as { fields: object }).fields).toMatchObject({ routingKey: queue.address });
  });

  it('counts deliveries on a classic queue as first or again', async () => {
    const queue = channel('queue', unique('classic'));
    const made = await connected({ queueType: 'classic' }, queue);
    const receiver = await made.receiver(subscription(queue));
    await (await made.sender(queue)).send([message()]);
    const held = await take(receiver, 1);
    expect(held[0]!.deliveries).toBe(1);
    await receiver.settle(held, RELEASE);
    expect((await take(receiver, 1))[0]!.deliveries).toBe(2);
  });
});
