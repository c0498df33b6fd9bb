import { type Drift, NONE } from '@omnibus/core/transport';
import { describe, expect, it, onTestFinished } from 'vitest';
import { channel, matching, message, subscription, topology, unique } from './objects.js';
import { admin, broker, bystander, connected, notRun, transport } from './rabbit.js';

/** Drift of what a test made; the wait queues for delays stand there from other tests or not. */
const about = (name: string, drifts: readonly Drift[]): readonly Drift[] =>
  drifts.filter(({ object, property }) => object.includes(name) && property !== 'keys');

describe.skipIf(!broker.available)(`provisioning on RabbitMQ${notRun}`, () => {
  it('makes what is missing, and changes nothing the second time', async () => {
    const orders = channel('topic', unique('orders'), { types: ['placed'], maxDelayMs: 1_000 });
    const all = topology(subscription(orders, { group: 'g', deadLetter: channel('queue', `${orders.address}.g.dead`) }));
    const made = await connected({});
    expect(await made.provision(all, 'create')).toEqual([]);
    expect(await made.provision(all, 'create')).toEqual([]);
    const verified = await made.provision(all, 'verify');
    expect(verified.filter(({ found }) => found !== 'unreadable')).toEqual([]);
    expect(verified).toContainEqual({
      object: `bindings of queue '${orders.address}.g' to '${orders.address}'`,
      property: 'keys',
      wanted: 'placed',
      found: 'unreadable',
    });
  });

  it('says what is missing, and makes none of it, when it only verifies', async () => {
    const orders = channel('topic', unique('orders'));
    const group = subscription(orders, { group: 'g' });
    const made = await connected({});
    for (let times = 0; times < 2; times++) {
      expect(about(orders.address, await made.provision(topology(group), 'verify'))).toEqual([
        { object: `exchange '${orders.address}'`, property: 'existence', wanted: 'present', found: 'missing' },
        { object: `queue '${orders.address}.g'`, property: 'existence', wanted: 'present', found: 'missing' },
      ]);
    }
  });

  it.each(['create', 'verify'] as const)('reports what differs and leaves it as it is (%s)', async (mode) => {
    const queue = channel('queue', unique('drift'), { ordered: true });
    const other = channel('topic', unique('fanout'));
    const dead = channel('queue', unique('drift.dead'));
    const { channel: own } = await bystander();
    await own.assertQueue(queue.address, { arguments: { 'x-queue-type': 'quorum', 'x-max-length': 10 } });
    await own.assertQueue(dead.address, { durable: true });
    await own.assertExchange(other.address, 'fanout', { durable: true });
    const made = await connected({});
    const drifts = await made.provision(topology(subscription(queue, { deadLetter: dead }), other), mode);
    expect(about(queue.address, drifts)).toEqual([
      { object: `queue '${queue.address}'`, property: matching(/^x-/), wanted: matching(/^/), found: 'none' },
    ]);
    expect(about(other.address, drifts)).toEqual([
      { object: `exchange '${other.address}'`, property: 'type', wanted: 'topic', found: 'fanout' },
    ]);
    expect(about(dead.address, drifts)).toEqual([
      { object: `queue '${dead.address}'`, property: expect.stringMatching(/^x-/), wanted: expect.any(String), found: 'none' },
    ]);
    await own.assertQueue(queue.address, { arguments: { 'x-queue-type': 'quorum', 'x-max-length': 10 } });
    expect(await (await made.sender(queue)).send([message()])).toBe(NONE);
  });

  it('reads both sides of a difference', async () => {
    const queue = channel('queue', unique('limit'));
    const { channel: own } = await bystander();
    const made = await connected({}, queue);
    await own.deleteQueue(queue.address);
    const others = {
      'x-queue-type': 'quorum',
      'x-dead-letter-exchange': '',
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    };
    await own.assertQueue(queue.address, {
      arguments: { ...others, 'x-delivery-limit': 7, 'x-dead-letter-routing-key': `${queue.address}.dead` },
    });
    expect(about(queue.address, await made.provision(topology(queue), 'create'))).toEqual([
      { object: `queue '${queue.address}'`, property: 'x-delivery-limit', wanted: '1000', found: '7' },
    ]);
  });

  it('leaves priorities to classic queues, with their levels', async () => {
    const urgent = channel('queue', unique('urgent'), { priorities: 3 });
    const made = await connected({ queueType: 'classic' }, urgent);
    const sender = await made.sender(urgent);
    await sender.send([0, 2, 1, 2, 0].map((priority) => message({ priority })));
    const { channel: own } = await bystander();
    const order: unknown[] = [];
    for (
      let got = await own.get(urgent.address, { noAck: true });
      got !== false;
      got = await own.get(urgent.address, { noAck: true })
    )
      order.push(got.properties.priority ?? 0);
    expect(order).toEqual([2, 2, 1, 0, 0]);
  });

  it('of a temporary subscription makes a queue that outlives a cut link', async () => {
    const replies = channel('queue', unique('replies'), { temporary: true });
    const own = subscription(replies, { temporary: true });
    const made = await connected({}, own);
    await (await made.receiver(own)).close();
    expect(await (await made.sender(replies)).send([message()])).toBe(NONE);
    expect(await (await made.receiver(own)).receive(1, AbortSignal.timeout(20_000))).toHaveLength(1);
  });

  it('is DENIED to who may not configure, naming the object and the way out; what exists is verified as unreadable', async ({
    skip,
  }) => {
    if (admin === undefined) return skip('rabbitmqctl does not reach this broker');
    const queue = channel('queue', unique('denied'));
    const user = unique('reader');
    await admin.run('add_user', user, 'hidden');
    onTestFinished(() => admin!.run('delete_user', user).then(() => undefined));
    await admin.run('set_permissions', user, '^$', '.*', '.*');
    const options = { username: user, password: 'hidden', delay: false };
    const made = transport(options);
    await made.connect();
    await expect(made.provision(topology(queue), 'create')).rejects.toMatchObject({
      code: 'DENIED',
      retryable: false,
      message: matching(new RegExp(`queue '${queue.address}'.*provision: assume`)),
    });
    expect(await made.provision(topology(queue), 'verify')).toMatchObject([{ property: 'existence', found: 'missing' }]);
    const operator = await connected({ delay: false }, queue);
    expect(await made.provision(topology(queue), 'verify')).toMatchObject([{ property: 'arguments', found: 'unreadable' }]);
    expect(await (await made.sender(queue)).send([message()])).toBe(NONE);
    await made.receiver(subscription(queue));
    return operator.close();
  });
});
