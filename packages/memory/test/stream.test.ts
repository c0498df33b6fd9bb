import { ACK, type From, RELEASE } from '@omnibus/core/transport';
import { expect, it } from 'vitest';
import { bench, codes, ids, message, messages, never, poll, send, stream, subscription } from './support.js';

const events = stream({ name: 'events' });
const audit = subscription(events, 'audit');

it('gives each group every message, with its partition and position', async () => {
  const { transport } = await bench({}, events);
  await send(transport, events, ...messages(2));
  expect(await poll(await transport.receiver(audit))).toMatchObject([
    { id: '1', partition: '0', position: '0' },
    { id: '2', partition: '0', position: '1' },
  ]);
  expect(ids(await poll(await transport.receiver(subscription(events, 'other'))))).toEqual(['1', '2']);
});

it('begins a new group at the first message, at the next, at a date or at a position', async () => {
  const { transport, clock } = await bench({}, events);
  await send(transport, events, ...messages(2));
  await clock.advance(60_000);
  const date = new Date(clock.now());
  await send(transport, events, message('3'), message('4'));
  const read = async (from: From) =>
    ids(await poll(await transport.receiver(subscription(events, `group ${JSON.stringify(from)}`, { from }))));
  expect(await read('first')).toEqual(['1', '2', '3', '4']);
  expect(await read('next')).toEqual([]);
  expect(await read(date)).toEqual(['3', '4']);
  expect(await read(new Date(clock.now() + 1))).toEqual([]);
  expect(await read({ position: '1' })).toEqual(['2', '3', '4']);
  expect(await read({ position: '4' })).toEqual([]);
});

it.each(['5', '-1', '1.5', 'x', ''])('refuses to begin at the position %j', async (position) => {
  const { transport } = await bench({}, events);
  await send(transport, events, ...messages(4));
  await expect(transport.receiver(subscription(events, 'new', { from: { position } }))).rejects.toMatchObject({
    code: 'INVALID',
  });
});

it('begins a group that was provisioned when it was provisioned, not when it first receives', async () => {
  const fresh = subscription(events, 'fresh', { from: 'next' });
  const { transport } = await bench({}, fresh);
  await send(transport, events, message('a'));
  expect(ids(await poll(await transport.receiver(fresh)))).toEqual(['a']);
});

it('goes on where its group stopped, whatever `from` says then', async () => {
  const { transport } = await bench({}, events);
  await send(transport, events, ...messages(3));
  const receiver = await transport.receiver(audit);
  const [first] = await poll(receiver, 2);
  await receiver.settle([first!], ACK);
  await receiver.close();
  expect(ids(await poll(await transport.receiver({ ...audit, from: 'next' })))).toEqual(['2', '3']);
});

it('acks one by one, and has committed up to the lowest unsettled message', async () => {
  const { transport, broker } = await bench({}, events);
  await send(transport, events, ...messages(3));
  const receiver = await transport.receiver(audit);
  const [first, second, third] = await poll(receiver);
  const committed = () => broker.inspect('events')!.groups['events.audit']!.committed;
  await receiver.settle([third!], ACK);
  expect(committed()).toEqual({ '0': '0' });
  await receiver.settle([first!], ACK);
  expect(committed()).toEqual({ '0': '1' });
  await receiver.settle([second!], RELEASE);
  expect(committed()).toEqual({ '0': '1' });
  await receiver.settle(await poll(receiver), ACK);
  expect(committed()).toEqual({ '0': '3' });
});

it('keeps what was acked, for groups to come', async () => {
  const { transport, broker } = await bench({}, events);
  await send(transport, events, ...messages(2));
  const receiver = await transport.receiver(audit);
  await receiver.settle(await poll(receiver), ACK);
  expect(ids(broker.inspect('events')!.messages)).toEqual(['1', '2']);
});

it('puts messages of one key in one partition, and those without in all of them', async () => {
  const { transport } = await bench({ partitions: 4 }, events);
  const keys = ['a', 'b', 'c', 'd', 'e'];
  const keyed = keys.flatMap((key) => [1, 2, 3].map((turn) => message(`${key}${turn}`, { key })));
  await send(transport, events, ...keyed, ...messages(4));
  const all = await poll(await transport.receiver(audit));
  const partitions = (of: string | undefined) => new Set(all.filter(({ key }) => key === of).map(({ partition }) => partition));
  for (const key of keys) expect(partitions(key).size).toBe(1);
  expect(partitions(undefined).size).toBe(4);
  for (const key of keys) expect(ids(all.filter((one) => one.key === key))).toEqual([`${key}1`, `${key}2`, `${key}3`]);
  expect(new Set(all.map(({ position }) => position)).size).toBe(19);
});

it('deals the partitions out to the receivers of a group', async () => {
  const { transport } = await bench({ partitions: 2 }, events);
  await send(transport, events, ...messages(4));
  const one = await transport.receiver(audit);
  const other = await transport.receiver(audit);
  expect((await poll(one)).map(({ partition }) => partition)).toEqual(['0', '0']);
  expect((await poll(other)).map(({ partition }) => partition)).toEqual(['1', '1']);
});

it('moves a partition once its old owner has settled what it holds of it', async () => {
  const { transport } = await bench({ partitions: 2 }, events);
  await send(transport, events, ...messages(4));
  const one = await transport.receiver(audit);
  const held = await poll(one, 3);
  expect(held.map(({ partition }) => partition)).toEqual(['0', '0', '1']);
  const other = await transport.receiver(audit);
  expect(await poll(one)).toEqual([]);
  expect(await poll(other)).toEqual([]);
  const waiting = other.receive(10, never());
  await one.settle(held, ACK);
  expect(ids(await waiting)).toEqual(['4']);
  await other.close();
  expect(ids(await poll(one))).toEqual(['4']);
});

it('wakes a waiting receiver when it gets a partition because another one came or went', async () => {
  const { transport } = await bench({ partitions: 4 }, events);
  const one = await transport.receiver(audit);
  const other = await transport.receiver(audit);
  await send(transport, events, ...messages(4));
  expect((await poll(one)).map(({ partition }) => partition)).toEqual(['0', '2']);
  const coming = one.receive(10, never());
  const third = await transport.receiver(audit);
  expect(await coming).toMatchObject([{ id: '4', partition: '3' }]);
  const going = one.receive(10, never());
  await Promise.all([other.close(), other.close(), third.close()]);
  expect(await going).toMatchObject([{ id: '2', partition: '1' }]);
});

it('looks into another partition first each time', async () => {
  const { transport } = await bench({ partitions: 2 }, events);
  await send(transport, events, ...messages(6));
  const receiver = await transport.receiver(audit);
  const taken = [...(await poll(receiver, 1)), ...(await poll(receiver, 1)), ...(await poll(receiver, 1))];
  expect(ids(taken)).toEqual(['1', '2', '3']);
});

it('holds back a key of an ordered stream that waits for its retry, and only that key', async () => {
  const ordered = stream({ name: 'ordered', ordered: true });
  const { transport, clock } = await bench({}, ordered);
  await send(transport, ordered, ...['a1', 'b1', 'a2', 'b2'].map((id) => message(id, { key: id.slice(0, 1) })));
  const receiver = await transport.receiver(subscription(ordered, 'audit'));
  const [head] = await poll(receiver, 1);
  await receiver.settle([head!], { type: 'retry', delayMs: 1_000 });
  expect(ids(await poll(receiver))).toEqual(['b1', 'b2']);
  await clock.advance(1_000);
  expect(ids(await poll(receiver))).toEqual(['a1', 'a2']);
});

it('passes over what a group does not handle and what is past its time', async () => {
  const { transport, clock, broker } = await bench({}, events);
  const late = { type: 'placed', expiresAt: clock.now() };
  await send(transport, events, message('1', { type: 'other' }), message('2', late), message('3', { type: 'placed' }));
  const receiver = await transport.receiver({ ...audit, types: ['placed'] });
  expect(ids(await poll(receiver))).toEqual(['3']);
  expect(broker.inspect('events')!.groups['events.audit']).toMatchObject({ expired: 1, committed: { '0': '2' } });
});

it('forgets the oldest messages that all groups have settled when it is full, else refuses', async () => {
  const { transport, broker } = await bench({ maxMessages: 3 }, audit, subscription(events, 'other'));
  await send(transport, events, ...messages(3));
  expect(codes(await send(transport, events, message('4')))).toEqual([[0, 'THROTTLED']]);
  const receiver = await transport.receiver(audit);
  await receiver.settle(await poll(receiver), ACK);
  expect(codes(await send(transport, events, message('4')))).toEqual([[0, 'THROTTLED']]);
  const other = await transport.receiver(subscription(events, 'other'));
  const [first, ...rest] = await poll(other);
  await other.settle([first!], ACK);
  expect(codes(await send(transport, events, message('4'), message('5')))).toEqual([[1, 'THROTTLED']]);
  expect(ids(broker.inspect('events')!.messages)).toEqual(['2', '3', '4']);
  await receiver.settle(await poll(receiver), ACK);
  await other.settle([...rest, ...(await poll(other))], ACK);
  expect(await send(transport, events, ...['5', '6', '7'].map((id) => message(id)))).toEqual([]);
  expect(ids(broker.inspect('events')!.messages)).toEqual(['5', '6', '7']);
  await expect(transport.receiver(subscription(events, 'late', { from: { position: '0' } }))).rejects.toMatchObject({
    code: 'INVALID',
  });
  expect(ids(await poll(await transport.receiver(subscription(events, 'late'))))).toEqual(['5', '6', '7']);
});

it.each([
  ['that was there first', ['slow', 'quick']],
  ['that came later', ['quick', 'slow']],
])('keeps what a group has not settled %s', async (_, groups) => {
  const { transport, broker } = await bench({ maxMessages: 2 }, ...groups.map((group) => subscription(events, group)));
  const [quick, slow] = await Promise.all(['quick', 'slow'].map((group) => transport.receiver(subscription(events, group))));
  await send(transport, events, ...messages(2));
  await slow!.settle(await poll(slow!, 1), ACK);
  await quick!.settle(await poll(quick!), ACK);
  await send(transport, events, message('3'));
  expect(codes(await send(transport, events, message('4')))).toEqual([[0, 'THROTTLED']]);
  expect(ids(broker.inspect('events')!.messages)).toEqual(['2', '3']);
});

it('keeps what a new group has yet to read, though all others are done with it', async () => {
  const { transport, broker } = await bench({ maxMessages: 3 }, audit);
  const receiver = await transport.receiver(audit);
  await send(transport, events, ...messages(3));
  await receiver.settle(await poll(receiver), ACK);
  await send(transport, events, message('4'));
  const late = await transport.receiver(subscription(events, 'late'));
  expect(codes(await send(transport, events, message('5')))).toEqual([[0, 'THROTTLED']]);
  expect(ids(await poll(late))).toEqual(['2', '3', '4']);
  expect(broker.inspect('events')).toMatchObject({ unsettled: 3 });
});

it('has no delay, and says so', async () => {
  const { transport } = await bench({}, events);
  expect(transport.capabilities(events).native.delay).toBeUndefined();
  await expect(send(transport, events, message('a', { delayMs: 1 }))).rejects.toMatchObject({ code: 'INVALID' });
});

it('ends a temporary group with its link', async () => {
  const mine = subscription(events, 'mine', { temporary: true });
  const { transport, broker } = await bench({}, mine);
  await transport.receiver(mine);
  expect(Object.keys(broker.inspect('events')!.groups)).toEqual(['events.mine']);
  await transport.close();
  expect(Object.keys(broker.inspect('events')!.groups)).toEqual([]);
});

it('tells each receiver what waits in its partitions', async () => {
  const { transport } = await bench({ partitions: 2 }, events);
  await send(transport, events, ...messages(5));
  const one = await transport.receiver(audit);
  expect(one.lag!()).toEqual({ 0: 3, 1: 2 });
  const [first, second] = await poll(one, 2);
  expect(one.lag!()).toEqual({ 0: 1, 1: 2 });
  await one.settle([first!], ACK);
  await one.settle([second!], RELEASE);
  expect(one.lag!()).toEqual({ 0: 2, 1: 2 });
  const other = await transport.receiver(audit);
  expect([one.lag!(), other.lag!()]).toEqual([{ 0: 2 }, { 1: 2 }]);
});
