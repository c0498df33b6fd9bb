import { ACK, type FieldTest, type Filter } from '@omnibus/core/transport';
import { expect, it } from 'vitest';
import { bench, codes, ids, message, messages, poll, queue, send, subscription, topic } from './support.js';

const orders = topic({ name: 'orders' });
const billing = subscription(orders, 'billing');
const shipping = subscription(orders, 'shipping');
const encode = (payload: unknown) => new TextEncoder().encode(JSON.stringify(payload));

it('gives every group each message, and shares a group among its receivers', async () => {
  const { transport } = await bench({}, billing, shipping);
  await send(transport, orders, ...messages(3));
  const one = await transport.receiver(shipping);
  const other = await transport.receiver(shipping);
  expect(ids(await poll(await transport.receiver(billing)))).toEqual(['1', '2', '3']);
  expect(ids(await poll(one, 2))).toEqual(['1', '2']);
  expect(ids(await poll(other, 2))).toEqual(['3']);
});

it('keeps for a group that a publisher named, before its first consumer came', async () => {
  const { transport } = await bench({}, orders, shipping);
  await send(transport, orders, message('early'));
  expect(ids(await poll(await transport.receiver(shipping)))).toEqual(['early']);
});

it('keeps for a group whose receivers are away', async () => {
  const { transport } = await bench({}, shipping);
  await (await transport.receiver(shipping)).close();
  await send(transport, orders, message('meanwhile'));
  expect(ids(await poll(await transport.receiver(shipping)))).toEqual(['meanwhile']);
});

it('accepts and discards without groups, and counts it', async () => {
  const { transport, broker } = await bench({}, orders);
  expect(await send(transport, orders, ...messages(3))).toEqual([]);
  expect(broker.inspect('orders')).toMatchObject({ kind: 'topic', unrouted: 3, ready: 0, groups: {} });
});

it('gives a group only the types that it handles, and what names no type', async () => {
  const { transport, broker } = await bench({}, subscription(orders, 'shipping', { types: ['placed'] }));
  await send(
    transport,
    orders,
    message('1', { type: 'placed' }),
    message('2', { type: 'cancelled' }),
    message('3', { type: '' }),
  );
  expect(broker.inspect('orders.shipping')).toMatchObject({ ready: 2 });
  expect(broker.inspect('orders')).toMatchObject({ unrouted: 1, groups: { 'orders.shipping': { ready: 2 } } });
});

it.each<[FieldTest['op'], FieldTest['value'], string[]]>([
  ['eq', 5, ['5', 'unknown', 'text', 'other']],
  ['gt', 5, ['9', 'unknown', 'text', 'other']],
  ['gte', 5, ['5', '9', 'unknown', 'text', 'other']],
  ['lt', 5, ['1', 'unknown', 'text', 'other']],
  ['lte', 5, ['1', '5', 'unknown', 'text', 'other']],
  ['in', [1, 9], ['1', '9', 'unknown', 'text', 'other']],
  ['prefix', 'te', ['1', '5', '9', 'unknown', 'text', 'other']],
  ['prefix', 'no', ['1', '5', '9', 'unknown', 'other']],
])('leaves out what certainly fails the test %s %j, and nothing else', async (op, value, expected) => {
  const filter: Filter = { placed: [{ field: 'total', op, value }] };
  const { transport } = await bench({}, subscription(orders, 'shipping', { filter }));
  const placed = (id: string, payload: unknown) => message(id, { type: 'placed', body: encode(payload) });
  const totals = [1, 5, 9].map((total) => placed(String(total), { total }));
  const unsure = [placed('unknown', {}), placed('text', { total: 'text' }), message('other', { body: encode({ total: 0 }) })];
  await send(transport, orders, ...totals, ...unsure);
  expect(ids(await poll(await transport.receiver(shipping)))).toEqual(expected);
});

it('lets pass what it cannot read', async () => {
  const filter: Filter = { placed: [{ field: 'total', op: 'eq', value: 1 }] };
  const { transport } = await bench({}, subscription(orders, 'shipping', { filter }));
  const placed = (id: string, text: string, contentType = 'application/json') =>
    message(id, { type: 'placed', contentType, body: new TextEncoder().encode(text) });
  await send(
    transport,
    orders,
    placed('broken', '{'),
    placed('null', 'null'),
    placed('other', '{"total":2}', 'application/avro'),
  );
  await send(transport, orders, placed('structured', '{"total":2}', 'application/vnd.shop+json; charset=utf-8'));
  expect(ids(await poll(await transport.receiver(shipping)))).toEqual(['broken', 'null', 'other']);
});

it('gives a group what any of its versions wants during a rolling deploy', async () => {
  const older = subscription(orders, 'shipping', { types: ['placed'] });
  const newer = subscription(orders, 'shipping', { types: ['placed', 'cancelled'] });
  const { transport } = await bench({}, older, newer);
  await send(transport, orders, message('1', { type: 'placed' }), message('2', { type: 'cancelled' }));
  expect(ids(await poll(await transport.receiver(older)))).toEqual(['1', '2']);
});

it('gives a message to all groups or, where one is full, to none', async () => {
  const { transport, broker } = await bench({ maxMessages: 1 }, billing, shipping);
  expect(codes(await send(transport, orders, ...messages(2)))).toEqual([[1, 'THROTTLED']]);
  const receiver = await transport.receiver(billing);
  await receiver.settle(await poll(receiver), ACK);
  expect(codes(await send(transport, orders, message('2')))).toEqual([[0, 'THROTTLED']]);
  expect(broker.inspect('orders')).toMatchObject({ groups: { 'orders.billing': { ready: 0 }, 'orders.shipping': { ready: 1 } } });
});

it("takes a message for one group's queue alone", async () => {
  const { transport } = await bench({}, billing, shipping);
  await send(transport, queue({ name: 'again', address: 'orders.shipping' }), message('again'));
  expect(ids(await poll(await transport.receiver(shipping)))).toEqual(['again']);
  expect(await poll(await transport.receiver(billing))).toEqual([]);
});

it('ends a temporary subscription with the link that made it', async () => {
  const mine = subscription(orders, 'mine-1', { temporary: true });
  const { transport, broker } = await bench({}, orders, mine);
  const receiver = await transport.receiver(mine);
  await receiver.close();
  expect(broker.inspect('orders.mine-1')).toBeDefined();
  await transport.close();
  expect(broker.inspect('orders.mine-1')).toBeUndefined();
  expect(broker.inspect('orders')!.groups).toEqual({});
});

it('says NOT_FOUND to a receiver whose topic does not exist, and makes nothing', async () => {
  const { transport, broker } = await bench();
  for (const facts of [{}, { temporary: true }])
    await expect(transport.receiver(subscription(orders, 'one', facts))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(broker.inspect('orders.one')).toBeUndefined();
});

it('makes a temporary subscription for its receiver where nobody provisioned it', async () => {
  const { transport } = await bench({}, orders);
  const receiver = await transport.receiver(subscription(orders, 'mine-1', { temporary: true }));
  await send(transport, orders, message('a'));
  expect(ids(await poll(receiver))).toEqual(['a']);
});
