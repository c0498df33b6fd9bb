import { ACK, type Feature, RELEASE, type Subscription } from '@omnibus/core/transport';
import { expect, it } from 'vitest';
import { bench, ids, message, messages, poll, queue, send, stream, subscription, topic, topology } from './support.js';

const jobs = queue({ name: 'jobs', ordered: true });
const events = stream({ name: 'events' });
const orders = topic({ name: 'orders' });

/** A queue with three messages and a receiver that holds them, on a transport without these features. */
async function holding(...without: Feature[]) {
  const made = await bench({ without }, jobs);
  await send(made.transport, jobs, ...messages(3, { key: 'k' }));
  const receiver = await made.transport.receiver(subscription(jobs));
  return { ...made, receiver, held: await poll(receiver) };
}
const invalid = { code: 'INVALID' };

it('tells the engine what is switched off', async () => {
  const { transport: one } = await bench({ without: ['lock', 'delay'] });
  expect(one.capabilities(jobs).native).toMatchObject({ release: Number.POSITIVE_INFINITY });
  expect(one.capabilities(jobs).native).not.toHaveProperty('lock');
  expect(one.capabilities(jobs).native).not.toHaveProperty('delay');
});

it('without receive: opens no receiver', async () => {
  const { transport: one } = await bench({ without: ['receive'] }, jobs);
  await expect(one.receiver(subscription(jobs))).rejects.toMatchObject(invalid);
});

it('without settleEach: an ack settles all that was given before it, on a log as on a queue', async () => {
  const { broker, receiver, held } = await holding('settleEach');
  await receiver.settle([held[1]!], ACK);
  expect(ids(broker.inspect('jobs')!.messages)).toEqual(['3']);
  expect(await receiver.settle([held[0]!], RELEASE)).toEqual([]);
  expect(broker.inspect('jobs')).toMatchObject({ ready: 0, unsettled: 1 });
});

it('without settleEach: an ack leaves other partitions alone', async () => {
  const { transport: one, broker } = await bench({ without: ['settleEach'], partitions: 2 }, events);
  await send(one, events, ...messages(4));
  const receiver = await one.receiver(subscription(events, 'audit'));
  const held = await poll(receiver);
  await receiver.settle([held.findLast(({ partition }) => partition === '0')!], ACK);
  expect(broker.inspect('events')!.groups['events.audit']).toMatchObject({ unsettled: 2, committed: { '0': '4', '1': '1' } });
});

it('without settleEach: a release gives back all that was given after it', async () => {
  const { receiver, held } = await holding('settleEach');
  await receiver.settle([held[1]!], RELEASE);
  expect(ids(await poll(receiver))).toEqual(['2', '3']);
});

it('without retry, retryDelay or release: refuses those verdicts', async () => {
  const retry = (delayMs: number) => ({ type: 'retry', delayMs }) as const;
  const noRetry = await holding('retry');
  await expect(noRetry.receiver.settle(noRetry.held, retry(0))).rejects.toMatchObject(invalid);
  const noDelay = await holding('retryDelay');
  await expect(noDelay.receiver.settle(noDelay.held, retry(1))).rejects.toMatchObject(invalid);
  expect(await noDelay.receiver.settle(noDelay.held, retry(0))).toEqual([]);
  const noRelease = await holding('release');
  await expect(noRelease.receiver.settle(noRelease.held, RELEASE)).rejects.toMatchObject(invalid);
});

it('without release: a closing receiver gives back all the same', async () => {
  const { transport: one, receiver } = await holding('release');
  await receiver.close();
  expect(ids(await poll(await one.receiver(subscription(jobs))))).toEqual(['1', '2', '3']);
});

it('without lock: nothing runs out and nothing can be extended', async () => {
  const { receiver, held, clock, broker } = await holding('lock');
  expect(held[0]!.lockedUntil).toBe(Number.POSITIVE_INFINITY);
  expect(receiver).not.toHaveProperty('extend');
  await clock.advance(86_400_000);
  expect(broker.inspect('jobs')).toMatchObject({ unsettled: 3 });
  expect(await receiver.settle(held, ACK)).toEqual([]);
});

it('without delay or headers: refuses messages that ask for them', async () => {
  const { transport: one } = await bench({ without: ['delay', 'headers'] }, jobs);
  await expect(send(one, jobs, message('a', { delayMs: 1 }))).rejects.toMatchObject(invalid);
  await expect(send(one, jobs, message('a', { headers: { a: '1' } }))).rejects.toMatchObject(invalid);
  expect(await send(one, jobs, message('a'))).toEqual([]);
});

it('without ordering: a key binds nobody', async () => {
  const { transport: one } = await bench({ without: ['ordering'] }, jobs);
  await send(one, jobs, ...messages(2, { key: 'k' }));
  await poll(await one.receiver(subscription(jobs)), 1);
  expect(ids(await poll(await one.receiver(subscription(jobs)), 1))).toEqual(['2']);
});

it('without ordering: a waiting retry holds back nobody, on a stream as on a queue', async () => {
  const ordered = stream({ name: 'ordered', ordered: true });
  const { transport: one } = await bench({ without: ['ordering'] }, jobs, ordered);
  for (const from of [subscription(jobs), subscription(ordered, 'one')]) {
    await send(one, from.channel, ...messages(2, { key: 'k' }));
    const receiver = await one.receiver(from);
    await receiver.settle(await poll(receiver, 1), { type: 'retry', delayMs: 1_000 });
    expect(ids(await poll(receiver))).toEqual(['2']);
  }
});

it('without ttl: carries the time and hands the message out all the same', async () => {
  const { transport: one, clock } = await bench({ without: ['ttl'] }, jobs);
  await send(one, jobs, message('a', { expiresAt: clock.now() - 1 }));
  expect(await poll(await one.receiver(subscription(jobs)))).toMatchObject([{ id: 'a', expiresAt: clock.now() - 1 }]);
});

it('without priority: carries the priority and hands out in the order sent', async () => {
  const levels = queue({ name: 'levels', priorities: 5 });
  const { transport: one } = await bench({ without: ['priority'] }, levels);
  await send(one, levels, message('low'), message('high', { priority: 4 }));
  expect(ids(await poll(await one.receiver(subscription(levels))))).toEqual(['low', 'high']);
});

it('without filter: every group gets everything', async () => {
  const some = subscription(orders, 'some', { types: ['placed'], filter: { placed: [{ field: 'a', op: 'eq', value: 1 }] } });
  const { transport: one } = await bench({ without: ['filter'] }, some);
  await send(one, orders, message('a'), message('b', { type: 'placed', body: new TextEncoder().encode('{"a":2}') }));
  expect(ids(await poll(await one.receiver(some)))).toEqual(['a', 'b']);
});

it('without replay: a new group begins with what comes next', async () => {
  const { transport: one } = await bench({ without: ['replay'] }, events);
  await expect(one.receiver(subscription(events, 'audit'))).rejects.toMatchObject(invalid);
  await one.receiver(subscription(events, 'audit', { from: 'next' }));
});

it('without temporary: refuses temporary channels and subscriptions', async () => {
  const { transport: one } = await bench({ without: ['temporary'] }, orders);
  const mine = subscription(orders, 'mine', { temporary: true });
  await expect(one.provision(topology(queue({ temporary: true })), 'create')).rejects.toMatchObject(invalid);
  await expect(one.provision(topology(mine), 'create')).rejects.toMatchObject(invalid);
  await expect(one.receiver(mine)).rejects.toMatchObject(invalid);
  await expect(one.receiver(subscription(events, 'mine', { temporary: true }))).rejects.toMatchObject(invalid);
});

it.each<[string, Subscription]>([
  ['queue', subscription(queue({ name: 'box' }))],
  ['topic', subscription(topic({ name: 'box' }), 'one')],
  ['stream', subscription(stream({ name: 'box' }), 'one')],
])('without durable: a %s keeps messages only while somebody receives', async (_, box) => {
  const { transport: one, broker } = await bench({ without: ['durable'] }, box.channel, box);
  expect(await send(one, box.channel, message('early'))).toEqual([]);
  expect(broker.inspect('box')).toMatchObject({ unrouted: 1 });
  const receiver = await one.receiver(box);
  const second = await one.receiver(box);
  await send(one, box.channel, message('a'));
  expect(ids(await poll(receiver))).toEqual(['a']);
  await receiver.close();
  expect(ids(await poll(second))).toEqual(['a']);
  await second.close();
  const anew = await one.receiver(box);
  expect(await poll(anew)).toEqual([]);
  await send(one, box.channel, message('b'));
  expect(ids(await poll(anew))).toEqual(['b']);
});

it('without durable: a stream keeps its messages until the last group is gone', async () => {
  const { transport: one } = await bench({ without: ['durable'] }, events);
  const [leaving, staying] = await Promise.all(['a', 'b'].map((group) => one.receiver(subscription(events, group))));
  await send(one, events, ...messages(2));
  await leaving!.close();
  expect(ids(await poll(staying!))).toEqual(['1', '2']);
  await staying!.close();
  const again = subscription(events, 'a', { from: { position: '0' } });
  await expect(one.receiver(again)).rejects.toMatchObject(invalid);
});
