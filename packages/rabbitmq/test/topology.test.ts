import { describe, expect, it } from 'vitest';
import type { Declaration } from '../src/declaration.js';
import { DEFAULTS } from '../src/options.js';
import { declarations } from '../src/topology.js';
import { channel, containing, like, subscription, topology } from './objects.js';

const plain = { ...DEFAULTS, delay: false };
const backed = (address: string) => ({
  'x-queue-type': 'quorum',
  'x-delivery-limit': 1_000,
  'x-dead-letter-exchange': '',
  'x-dead-letter-routing-key': `${address}.dead`,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
});

const queues = (all: readonly Declaration[]) =>
  Object.fromEntries(all.flatMap((one) => (one.object === 'queue' ? [[one.name, one.arguments]] : [])));
const bindings = (all: readonly Declaration[]) =>
  all.flatMap((one) => (one.object === 'binding' ? [`${one.source} -${one.key}-> ${one.name}`] : []));

const orders = channel('topic', 'orders', { types: ['order.placed', 'order.cancelled'] });
const parcels = channel('queue', 'parcels');

describe('the objects of a topology', () => {
  it('are quorum queues with a backstop beside them, the same whoever declares them', () => {
    const dead = channel('queue', 'parcels.dead');
    const roles = [
      topology(parcels),
      topology(subscription(parcels, { deadLetter: dead })),
      { ...topology(), retries: [parcels] },
    ];
    for (const role of roles) expect(queues(declarations(role, plain))['parcels']).toEqual(backed('parcels'));
    expect(queues(declarations({ ...topology(), deadLetters: [dead] }, plain))).toEqual({
      'parcels.dead': backed('parcels.dead'),
    });
  });

  it('are a topic exchange, and for each group a queue bound by the types that it handles', () => {
    const shipping = subscription(orders, { group: 'shipping', types: ['order.placed'] });
    const audit = subscription(orders, { group: 'audit', types: [] });
    const all = declarations(topology(orders, shipping, audit), plain);
    expect(all.filter(({ object }) => object === 'exchange')).toEqual([
      { object: 'exchange', name: 'orders', durable: true, arguments: {} },
    ]);
    expect(Object.keys(queues(all))).toEqual(['orders.shipping', 'orders.audit']);
    expect(bindings(all)).toEqual(['orders -order.placed-> orders.shipping', 'orders -#-> orders.audit']);
  });

  it('are named before they are bound', () => {
    const all = declarations(topology(subscription(orders, { group: 'shipping' })), DEFAULTS);
    const kinds = all.map(({ object }) => object);
    expect(kinds).toEqual(
      [...kinds].sort((a, b) => ['exchange', 'queue', 'binding'].indexOf(a) - ['exchange', 'queue', 'binding'].indexOf(b)),
    );
  });

  it('each come once, as their subscription knows them', () => {
    const dead = channel('queue', 'parcels.dead');
    const both = topology(parcels, subscription(parcels, { deadLetter: dead, ordered: true }));
    const all = declarations({ ...both, deadLetters: [dead, dead], retries: [parcels] }, plain);
    expect(all.map(({ name }) => name)).toEqual(['parcels', 'parcels.dead']);
    expect(queues(all)['parcels']).toMatchObject({ 'x-single-active-consumer': true, 'x-delivery-limit': 1_000 });
  });

  it('of an ordered channel have a single active consumer, whoever makes them', () => {
    const ordered = channel('queue', 'ordered', { ordered: true });
    expect(queues(declarations(topology(ordered), plain))['ordered']).toMatchObject({ 'x-single-active-consumer': true });
    expect(queues(declarations(topology(subscription(ordered)), plain))['ordered']).toMatchObject({
      'x-single-active-consumer': true,
    });
  });

  it('of a temporary subscription are classic queues that end some time after it', () => {
    const replies = channel('queue', 'replies', { temporary: true });
    const args = { 'x-queue-type': 'classic', 'x-expires': 300_000 };
    expect(queues(declarations(topology(replies), plain))).toEqual({ replies: args });
    expect(queues(declarations(topology(subscription(replies, { temporary: true })), plain))).toEqual({ replies: args });
  });

  it('are classic queues where the option says so, with levels where the channel has priorities and no backstop', () => {
    const urgent = channel('queue', 'urgent', { priorities: 4 });
    const facts = { deadLetter: channel('queue', 'urgent.dead') };
    const all = declarations(topology(subscription(urgent, facts)), { ...plain, queueType: 'classic' });
    expect(queues(all)).toEqual({
      urgent: { 'x-queue-type': 'classic', 'x-max-priority': 3 },
      'urgent.dead': { 'x-queue-type': 'classic' },
    });
  });

  it('stand where delayed messages come out: queues always, types only of a topic that may be delayed', () => {
    const ANY = '*.'.repeat(21);
    const due = (all: readonly Declaration[]) => bindings(all).filter((one) => one.startsWith('omnibus.delay.due'));
    const group = { group: 'g', types: ['order.placed'] };
    expect(due(declarations(topology(subscription(orders, group)), DEFAULTS))).toEqual([
      `omnibus.delay.due -${ANY}q.orders%2eg-> orders.g`,
    ]);
    expect(due(declarations(topology(subscription({ ...orders, maxDelayMs: 1 }, group)), DEFAULTS))).toEqual([
      `omnibus.delay.due -${ANY}q.orders%2eg-> orders.g`,
      `omnibus.delay.due -${ANY}t.orders.order.placed-> orders.g`,
    ]);
    expect(due(declarations(topology(parcels), plain))).toEqual([]);
  });

  it('are refused where a key would be too long, naming what to shorten', () => {
    const long = channel('queue', 'q'.repeat(230));
    expect(() => declarations(topology(long), DEFAULTS)).toThrow(like({ code: 'TOPOLOGY', message: containing('255 bytes') }));
    expect(() => declarations(topology(long), plain)).not.toThrow();
  });
});
