import { ACK, type Delivery, RELEASE, virtualClock } from '@omnibus/core/transport';
import { expect, it } from 'vitest';
import { Entry } from '../src/entry.js';
import { Lanes } from '../src/lanes.js';
import { Queue } from '../src/queue.js';
import { Ring } from '../src/ring.js';
import { bench, codes, ids, message, messages, never, poll, queue, send, subscription } from './support.js';

const orders = queue({ name: 'orders', ordered: true });
const a = (id: string) => message(id, { key: 'a' });
const b = (id: string) => message(id, { key: 'b' });
const retry = (delayMs: number) => ({ type: 'retry', delayMs }) as const;

it('hands followers of a key to the receiver that holds the key, and to no other', async () => {
  const { transport } = await bench({}, orders);
  await send(transport, orders, a('a1'), b('b1'), a('a2'), b('b2'), a('a3'));
  const one = await transport.receiver(subscription(orders));
  const other = await transport.receiver(subscription(orders));
  expect(ids(await poll(one, 1))).toEqual(['a1']);
  expect(ids(await poll(other))).toEqual(['b1', 'b2']);
  expect(ids(await poll(one))).toEqual(['a2', 'a3']);
});

it('lets another receiver have a key as soon as its holder has settled all that it held', async () => {
  const { transport } = await bench({}, orders);
  await send(transport, orders, a('a1'), a('a2'), a('a3'));
  const one = await transport.receiver(subscription(orders));
  const other = await transport.receiver(subscription(orders));
  const [first, second] = await poll(one, 2);
  const waiting = other.receive(10, never());
  await one.settle([first!], ACK);
  expect(await poll(other)).toEqual([]);
  await one.settle([second!], ACK);
  expect(ids(await waiting)).toEqual(['a3']);
});

it('holds a key back while one of its messages waits for its retry', async () => {
  const { transport, clock } = await bench({}, orders);
  await send(transport, orders, a('a1'), a('a2'), a('a3'), b('b1'));
  const one = await transport.receiver(subscription(orders));
  const [head, ...followers] = await poll(one, 2);
  // the engine gives the followers back in the same turn
  await one.settle([head!], retry(5_000));
  await one.settle(followers, RELEASE);
  await send(transport, orders, a('a4'));
  expect(ids(await poll(one))).toEqual(['b1']);
  await clock.advance(5_000);
  const again = await poll(one);
  expect(again.map(({ id, deliveries }) => [id, deliveries])).toEqual([
    ['a1', 2],
    ['a2', 1],
    ['a3', 1],
    ['a4', 1],
  ]);
});

it('holds the key back whatever becomes of the followers meanwhile', async () => {
  const { transport, clock } = await bench({}, orders);
  await send(transport, orders, a('a1'), a('a2'), a('a3'));
  const one = await transport.receiver(subscription(orders));
  const [head, second, third] = await poll(one);
  await one.settle([third!], retry(0));
  await one.settle([head!], retry(1_000));
  await one.settle([second!], retry(0));
  expect(await poll(one)).toEqual([]);
  await clock.advance(1_000);
  expect(ids(await poll(one))).toEqual(['a1', 'a2', 'a3']);
});

it('gives back all that a receiver holds of a key when one of its locks runs out', async () => {
  const { transport, clock } = await bench({ lockMs: 10_000 }, orders);
  await send(transport, orders, a('a1'), b('b1'), a('a2'));
  const stuck = await transport.receiver(subscription(orders));
  const [a1, b1, a2] = await poll(stuck);
  await clock.advance(5_000);
  await stuck.extend!([a2!, b1!], 20_000);
  await clock.advance(5_000);
  expect(codes(await stuck.settle([a2!, a1!, b1!], ACK))).toEqual([
    [0, 'LOST'],
    [1, 'LOST'],
  ]);
  const other = await transport.receiver(subscription(orders));
  expect((await poll(other)).map(({ id, deliveries }) => [id, deliveries])).toEqual([
    ['a1', 2],
    ['a2', 2],
  ]);
});

it('gives everything back in order when a receiver closes', async () => {
  const { transport } = await bench({}, orders);
  const sent = ['a1', 'b1', 'a2', '-1', 'b2', 'a3', '-2'];
  await send(transport, orders, ...sent.map((id) => message(id, { key: id.startsWith('-') ? undefined : id.slice(0, 1) })));
  const one = await transport.receiver(subscription(orders));
  const held = await poll(one, 5);
  await one.settle([held[4]!, held[0]!], retry(0));
  await one.close();
  expect(ids(await poll(await transport.receiver(subscription(orders))))).toEqual(sent);
});

it('lets messages without a key go to anybody', async () => {
  const { transport } = await bench({}, orders);
  await send(transport, orders, ...messages(2));
  const [one, other] = [await transport.receiver(subscription(orders)), await transport.receiver(subscription(orders))];
  expect(ids(await poll(one, 1))).toEqual(['1']);
  expect(ids(await poll(other, 1))).toEqual(['2']);
});

it('treats an empty key as a key', async () => {
  const { transport } = await bench({}, orders);
  await send(transport, orders, ...messages(2, { key: '' }));
  const [one, other] = [await transport.receiver(subscription(orders)), await transport.receiver(subscription(orders))];
  expect(ids(await poll(one, 1))).toEqual(['1']);
  expect(await poll(other, 1)).toEqual([]);
});

it('goes on with a key whose first message is past its time', async () => {
  const { transport, clock } = await bench({}, orders);
  await send(transport, orders, message('over', { key: 'a', expiresAt: clock.now() }), a('a2'));
  const [one, other] = [await transport.receiver(subscription(orders)), await transport.receiver(subscription(orders))];
  const held = await poll(one, 1);
  expect(ids(held)).toEqual(['a2']);
  await send(transport, orders, a('a3'));
  expect(await poll(other)).toEqual([]);
  await one.settle(held, ACK);
  expect(ids(await poll(other))).toEqual(['a3']);
});

it('has no priorities, and says so', async () => {
  const { transport } = await bench();
  expect(transport.capabilities(orders).native.priority).toBeUndefined();
  expect(transport.capabilities(orders).native.ordering).toBe(Number.POSITIVE_INFINITY);
  expect(transport.capabilities(queue()).native.priority).toBe(255);
});

it('forgets a key as soon as nothing of it is there', () => {
  const fresh = new Ring<Entry>();
  const line = new Lanes(fresh);
  const waiting = new Queue(
    virtualClock(),
    line,
    undefined,
    () => undefined,
    () => undefined,
  );
  const holder = waiting.attach({ lockMs: 1_000, dropsExpired: true, lease: never() });
  const out: Delivery[] = [];
  for (let index = 0; index < 5; index++) fresh.push(new Entry(message(String(index), { key: `key ${index}` }), index, 0));
  waiting.take(holder, 5, out);
  expect(Reflect.get(line, 'lanes')).toHaveProperty('size', 5);
  for (const { receipt } of out) waiting.ack(receipt as Entry);
  expect(Reflect.get(line, 'lanes')).toHaveProperty('size', 0);
});
