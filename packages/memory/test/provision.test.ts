import type { Channel, Subscription } from '@omnibus/core/transport';
import { expect, it } from 'vitest';
import { bench, queue, stream, subscription, topic, topology, transport } from './support.js';

const jobs = queue({ name: 'jobs' });
const orders = topic({ name: 'orders' });
const events = stream({ name: 'events' });
const shipping = subscription(orders, 'shipping', { types: ['placed'] });

it('finds no drift in what it made, however often it makes it', async () => {
  const { transport: one, broker } = await bench({ partitions: 3 });
  const wanted = {
    ...topology(jobs, events, shipping),
    deadLetters: [queue({ name: 'jobs.dead' })],
    retries: [queue({ name: 'jobs.retry' })],
  };
  for (const mode of ['create', 'create', 'verify'] as const) expect(await one.provision(wanted, mode)).toEqual([]);
  for (const [address, kind] of [
    ['jobs', 'queue'],
    ['jobs.dead', 'queue'],
    ['jobs.retry', 'queue'],
    ['orders', 'topic'],
    ['orders.shipping', 'queue'],
    ['events', 'stream'],
  ] as const)
    expect(broker.inspect(address)).toMatchObject({ kind });
});

it('reports what is missing and makes nothing when it verifies', async () => {
  const { transport: one, broker } = await bench();
  expect(await one.provision(topology(jobs, shipping), 'verify')).toEqual([
    { object: 'jobs', property: 'kind', wanted: 'queue', found: 'missing' },
    { object: 'orders', property: 'kind', wanted: 'topic', found: 'missing' },
    { object: 'orders.shipping', property: 'kind', wanted: 'queue', found: 'missing' },
  ]);
  expect(broker.inspect('jobs')).toBeUndefined();
});

it.each<[string, Channel | Subscription, Channel | Subscription, string, string, string]>([
  ['kind', jobs, stream({ name: 'jobs' }), 'kind', 'stream', 'queue'],
  ['order', jobs, queue({ name: 'jobs', ordered: true }), 'ordered', 'true', 'false'],
  ['priorities', jobs, queue({ name: 'jobs', priorities: 4 }), 'priorities', '4', '0'],
  ['order of a group', shipping, { ...shipping, ordered: true }, 'ordered', 'true', 'false'],
])('reports a difference in %s in both modes, and changes nothing', async (_, existing, wanted, property, text, found) => {
  const { transport: one } = await bench({}, existing);
  const address = 'channel' in wanted ? wanted.address : wanted.name;
  for (const mode of ['create', 'verify'] as const)
    expect(await one.provision(topology(wanted), mode)).toEqual([{ object: address, property, wanted: text, found }]);
  expect(await one.provision(topology(existing), 'verify')).toEqual([]);
});

it('reports a difference in partitions', async () => {
  const { broker, clock } = await bench({ partitions: 2 }, events);
  const other = transport({ broker, partitions: 1 }, clock);
  await other.connect();
  expect(await other.provision(topology(events), 'create')).toEqual([
    { object: 'events', property: 'partitions', wanted: '1', found: '2' },
  ]);
});

it('reports types that a group would not get, and adds them when it creates', async () => {
  const { transport: one } = await bench({}, shipping);
  const wider = { ...shipping, types: ['placed', 'cancelled'] };
  expect(await one.provision(topology(wider), 'verify')).toEqual([
    { object: 'orders.shipping', property: 'types', wanted: 'cancelled, placed', found: 'placed' },
  ]);
  expect(await one.provision(topology(wider), 'create')).toEqual([]);
  expect(await one.provision(topology(wider), 'verify')).toEqual([]);
});

it('does not miss temporary objects: they are made when they are used', async () => {
  const { transport: one, broker } = await bench({}, orders);
  const mine = subscription(orders, 'mine', { temporary: true });
  const replies = queue({ name: 'replies', temporary: true });
  expect(await one.provision(topology(mine, subscription(replies)), 'verify')).toEqual([]);
  expect(broker.inspect('orders.mine')).toBeUndefined();
  await one.receiver(mine);
  await one.receiver(subscription(replies));
  expect(broker.inspect('orders.mine')).toBeDefined();
  expect(broker.inspect('replies')).toBeDefined();
});
