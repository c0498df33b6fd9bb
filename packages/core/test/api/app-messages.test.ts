import { describe, expect, it } from 'vitest';
import type { Context } from '../../src/api/context.js';
import { to } from '../../src/api/handlers.js';
import { memoryStore } from '../../src/api/idempotency.js';
import { NonRetryable } from '../../src/runtime/retry-policy.js';
import { delivery } from '../runtime/engine-fakes.js';
import { codeOf, GetQuote, make, order, Quotes } from './app-fixture.js';
import { OrderPlaced, Orders, ParcelBooked, Parcels } from './contracts.js';
import { FakeBroker } from './fake-transport.js';

describe('messages', () => {
  it('carry whose they are, and what caused them', async () => {
    const { app, broker, turn } = await make({ producers: [Orders] });
    const seen: Context[] = [];
    app
      .consumer(Orders, { group: 'shipping' })
      .handle(OrderPlaced, { publish: to(Parcels, ParcelBooked) }, ({ orderId }) => ({ orderId }))
      .handle(Orders.messages[1] as never, () => {});
    app.consumer(Parcels).handle(ParcelBooked, (_, context) => void seen.push(context as never));
    await app.start();
    const { id } = await app.producer(Orders).send(OrderPlaced, order);
    for (let turns = 0; turns < 4; turns++) await turn();
    expect(seen.map(({ correlationId, causationId }) => [correlationId, causationId])).toEqual([[id, id]]);
    expect(broker.sent.map(({ message: { headers } }) => headers['ce-source'])).toEqual(['shop', 'shop']);
  });

  it.each(['ce-id', 'omnibus-attempts', 'content-type'])('take no header of the envelope: %s', async (name) => {
    const { app, broker } = await make({ producers: [Parcels] });
    await app.start();
    const send = app.producer(Parcels).send(ParcelBooked, { orderId: 'o' }, { headers: { [name]: 'x' } });
    expect([await codeOf(send), broker.sent]).toEqual(['INVALID', []]);
  });

  it('travel inside the body where the broker has no headers', async () => {
    const { app, broker, turn } = await make({ on: { without: ['headers'] }, producers: [Parcels] });
    const seen: unknown[] = [];
    app.consumer(Parcels).handle(ParcelBooked, (payload, { id, headers }) => void seen.push([id, payload, { ...headers }]));
    await app.start();
    const { id } = await app.producer(Parcels).send(ParcelBooked, { orderId: 'o' }, { headers: { tenant: 'a' } });
    for (let turns = 0; turns < 4; turns++) await turn();
    expect(seen).toEqual([[id, { orderId: 'o' }, { tenant: 'a' }]]);
    expect(broker.sent[0]?.message.contentType).toBe('application/cloudevents+json');
    expect(
      app.plan.rulings.filter(({ feature }) => feature === 'headers').map(({ ruling, how }) => [ruling, how.slice(0, 10)]),
    ).toEqual([
      ['emulate', 'structured'],
      ['emulate', 'structured'],
    ]);
  });

  it('are handled once where the consumer names a store, and counted', async () => {
    const { app, turn, clock } = await make({ producers: [Parcels] });
    const seen: string[] = [];
    app
      .consumer(Parcels, { idempotency: { store: memoryStore({ max: 10, ttlMs: 60_000, clock }) } })
      .handle(ParcelBooked, (_, { id }) => void seen.push(id));
    await app.start();
    for (let count = 0; count < 2; count++) {
      await app.producer(Parcels).send(ParcelBooked, { orderId: 'o' }, { id: 'same' });
      for (let turns = 0; turns < 4; turns++) await turn();
    }
    expect([seen, app.stats.consumers['parcels']?.duplicates]).toEqual([['same'], 1]);
    expect(app.plan.rulings.find(({ feature }) => feature === 'dedup')?.ruling).toBe('emulate');
  });

  it('of others are read by header, by field, or as the only type that there is', async () => {
    const seen: string[] = [];
    const { app, broker, turn } = await make({ with: { channels: { orders: { foreign: { from: { header: 'kind' } } } } } });
    app.consumer(Orders, { group: 'shipping' }).handle(OrderPlaced, (payload) => void seen.push(payload.orderId));
    app.consumer(Parcels).handle(ParcelBooked, (payload) => void seen.push(payload.orderId));
    await app.start();
    expect(broker.topologies[0]?.subscriptions[0]?.types).toEqual([]); // the broker cannot know their types: it leaves out none
    const foreign = (body: object, headers = {}) => delivery('', { type: '', body: Buffer.from(JSON.stringify(body)), headers });
    broker.put('orders', foreign(order, { kind: 'order.placed' }));
    broker.put('parcels', foreign({ orderId: 'p1' }));
    await turn();
    expect(seen.toSorted()).toEqual(['o1', 'p1']);
  });
});

describe('request and reply', () => {
  it.each([[[]], [['temporary']]] as const)('answer, with a reply queue of the instance; broker without %j', async (without) => {
    const broker = new FakeBroker();
    const asking = await make({ on: { broker, without }, producers: [Quotes] });
    const answering = await make({ on: { broker, without } });
    answering.app.consumer(Quotes).handle(GetQuote, ({ sku }) => {
      if (sku === 'bad') throw new NonRetryable('no such thing');
      return { price: 3 };
    });
    await answering.app.start();
    await asking.app.start();
    const ask = (sku: string) => asking.app.producer(Quotes).request(GetQuote, { sku }, { timeoutMs: 1_000 });
    const good = ask('x');
    const bad = ask('bad').catch((error: unknown) => (error as Error).message);
    for (let turns = 0; turns < 8; turns++) await Promise.all([asking.turn(), answering.turn()]);
    expect(await good).toEqual({ price: 3 });
    expect(await bad).toContain('no such thing');
    const replies = broker.topologies.flatMap(({ channels }) => channels).filter(({ address }) => address.includes('.replies.'));
    expect(replies.map(({ temporary }) => temporary)).toEqual([without.length === 0]);
  });
});

describe('groups that the configuration names', () => {
  it('get their messages from a process that only sends', async () => {
    const { app, broker } = await make({
      producers: [Orders],
      with: { channels: { orders: { groups: { shipping: { deadLetter: 'graveyard' } } } } },
    });
    await app.start();
    await app.producer(Orders).send(OrderPlaced, order);
    expect(broker.queue('orders.shipping')).toHaveLength(1);
    expect(broker.topologies[0]?.deadLetters.map(({ name }) => name)).toEqual(['graveyard']);
  });
});

describe('a queue that somebody deletes', () => {
  const parcel = { orderId: 'o1' };

  it('is made again by who only sends, and nothing is lost', async () => {
    const { app, broker, clock } = await make({ producers: [Parcels] });
    await app.start();
    broker.deleted.add('parcels');
    const sent = app.producer(Parcels).send(ParcelBooked, parcel);
    await clock.advance(100);
    await sent;
    expect([broker.queue('parcels').length, broker.topologies.length, await app.health()]).toMatchObject([1, 2, { ok: true }]);
  });

  it('is asked for now and then where it cannot be made, until its sends are late', async () => {
    const { app, broker, clock } = await make({ producers: [Parcels] });
    await app.start();
    broker.refusing.add('parcels');
    const late = expect(app.producer(Parcels).send(ParcelBooked, parcel)).rejects.toThrow(
      /30000 ms: the last try failed: nobody/,
    );
    await clock.advance(30_000);
    await late;
    expect(broker.topologies.length).toBeLessThan(20);
  });

  it('is left alone by who does not provision it: the reply to a requester that is gone is dropped at once', async () => {
    const { app, broker, turn } = await make();
    app.consumer(Quotes).handle(GetQuote, () => ({ price: 1 }));
    await app.start();
    broker.refusing.add('till.replies.1');
    broker.put('quotes', delivery('q1', { type: 'quote.get', body: Buffer.from('{"sku":"a"}'), replyTo: 'till.replies.1' }));
    await turn();
    expect(app.stats.consumers['quotes']).toMatchObject({ handled: 1, held: 0 });
  });

  it.each(['verify', 'assume'] as const)('is told to who sends at once with provision: %s', async (provision) => {
    const { app, broker } = await make({ producers: [Parcels], with: { provision } });
    await app.start();
    broker.deleted.add('parcels');
    await expect(app.producer(Parcels).send(ParcelBooked, parcel)).rejects.toMatchObject({ code: 'NO_ROUTE' });
    expect(broker.topologies.length).toBe(provision === 'verify' ? 1 : 0);
  });
});
