import 'reflect-metadata/lite';
import { Container, injectable } from 'inversify';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createApp } from '../../src/api/app.js';
import type { App, AppOptions } from '../../src/api/app-types.js';
import { queue } from '../../src/api/channels.js';
import { perInstance } from '../../src/api/consumer.js';
import type { Context } from '../../src/api/context.js';
import { Consumer, Handle } from '../../src/api/decorators.js';
import { to } from '../../src/api/handlers.js';
import { memoryStore } from '../../src/api/idempotency.js';
import { message } from '../../src/api/messages.js';
import type { Producer } from '../../src/api/producer.js';
import type { Config } from '../../src/config/schema.js';
import { InjectProducer } from '../../src/inversify/inject-producer.js';
import { exponential, NonRetryable } from '../../src/runtime/retry-policy.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { delivery } from '../runtime/engine-fakes.js';
import { OrderPlaced, Orders, ParcelBooked, Parcels } from './contracts.js';
import { FakeBroker, type FakeOptions, fake } from './fake-transport.js';

const GetQuote = message('quote.get', z.object({ sku: z.string() }), { reply: z.object({ price: z.number() }) });
const Quotes = queue('quotes', { messages: [GetQuote] });
const order = { orderId: 'o1', total: 5 };

let apps: App[] = [];
afterEach(async () => {
  for (const app of apps) await app.stop({ deadlineMs: 0 });
  apps = [];
});

async function make(options: Partial<AppOptions> & { readonly on?: Partial<FakeOptions>; readonly with?: Partial<Config> } = {}) {
  const { on, with: more, ...rest } = options;
  const broker = on?.broker ?? new FakeBroker();
  const clock = virtualClock();
  const config: Config = { name: 'shop', transports: { one: fake({ ...on, broker }) }, default: 'one', ...more };
  const app = await createApp({ config, transports: [fake], clock, ...rest });
  apps.push(app);
  return { app, broker, clock, turn: () => clock.advance(0) };
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: unknown) => (error as { code: string }).code,
  );

@injectable()
class Sending {
  constructor(@InjectProducer(Parcels) readonly parcels: Producer<typeof Parcels>) {}
}
@Consumer(Parcels)
class Careless {}

describe('the plan', () => {
  it('says what each login must be allowed for all that the app will have, with no broker running', async () => {
    const { app, broker } = await make({ producers: [Parcels] });
    app.consumer(Orders, { group: 'shipping' }).handle(OrderPlaced, () => {});
    expect(app.plan.permissions).toEqual([
      { transport: 'one', role: 'produce', text: 'parcels orders.shipping.dead' }, // nothing to the topic, which it only reads
      { transport: 'one', role: 'consume', text: 'orders.shipping' },
      { transport: 'one', role: 'redrive', text: 'orders.shipping.dead > orders.shipping' },
    ]);
    expect(String(app.plan)).toContain('permissions of "one" to consume: orders.shipping');
    expect(broker.open).toBe(0);
  });

  it('has parking channels among what is sent to', async () => {
    const { app } = await make({ producers: [Parcels], on: { without: ['delay'] } });
    const wait = 'parcels.wait.1s parcels.wait.10s parcels.wait.60s';
    expect(app.plan.permissions[0]).toMatchObject({ role: 'produce', text: `parcels ${wait} parcels.dead` });
  });

  it('has dead letters among what is read to redrive, but for those of an instance, which nobody can ask for', async () => {
    const { app } = await make();
    app.consumer(Parcels).handle(ParcelBooked, () => {});
    app.consumer(Orders, { group: perInstance }).handle(OrderPlaced, () => {});
    expect(app.plan.permissions.find(({ role }) => role === 'redrive')?.text).toBe('parcels.dead > parcels');
  });

  it('says nothing of logins while anything is refused', async () => {
    const { app } = await make({ on: { without: ['receive'] } });
    app.consumer(Orders, { group: 'shipping' }).handle(OrderPlaced, () => {});
    expect([app.plan.permissions, app.plan.rulings[0]?.ruling]).toEqual([[], 'refuse']);
  });
});

describe('createApp', () => {
  it('binds nothing where discovery finds a problem', async () => {
    const container = new Container();
    await expect(make({ container, classes: [Sending, Careless] })).rejects.toThrow('without a @Handle method');
    const { app } = await make({ container, classes: [Sending] });
    await app.start();
  });

  it('refuses a container that a running app owns, and takes it once that has stopped', async () => {
    const container = new Container();
    const { app } = await make({ container, classes: [Sending] });
    await app.start();
    await expect(make({ container, classes: [Sending] })).rejects.toThrow('already belongs to a running app');
    await app.stop();
    await make({ container, classes: [Sending] });
  });

  it('gives a second app on a container objects of its own', async () => {
    const made: object[] = [];
    @Consumer(Parcels)
    @injectable()
    class Booking {
      constructor(@InjectProducer(Parcels) readonly parcels: Producer<typeof Parcels>) {
        made.push(this);
      }
      @Handle(ParcelBooked)
      booked() {}
    }
    const container = new Container();
    for (let count = 0; count < 2; count++) {
      const { app } = await make({ container, classes: [Booking] });
      await app.start();
      await app.stop();
    }
    expect(made).toHaveLength(2);
  });

  it('finds properties that a subclass inherits and nobody injects', async () => {
    @injectable()
    class Base {
      @InjectProducer(Parcels) readonly parcels!: Producer<typeof Parcels>;
    }
    @injectable()
    class Sub extends Base {}
    await expect(make({ container: new Container(), classes: [Base, Sub] })).rejects.toThrow(
      'Sub inherits @InjectProducer or @Publish members for "parcels"',
    );
  });
});

describe('the life of an app', () => {
  it('ends a start that is not wanted any more, and leaves nothing open', async () => {
    const { app, broker, clock } = await make({ producers: [Parcels] });
    const started = codeOf(app.start());
    await app.stop();
    await clock.advance(0);
    expect([await started, broker.open, clock.pending]).toEqual(['CLOSED', 0, 0]);
  });

  it('closes everything where one transport fails', async () => {
    const broker = new FakeBroker();
    const { app, clock } = await make({
      on: { broker },
      producers: [Parcels, Orders],
      with: {
        transports: { one: fake({ broker }), two: fake({ broker, fails: 'connect' }) },
        channels: { orders: { transport: 'two' } },
      },
    });
    const code = await codeOf(app.start());
    await app.stop();
    await app.stop();
    expect([code, clock.pending]).toEqual(['DENIED', 0]);
    expect(await codeOf(app.producer(Parcels).send(ParcelBooked, { orderId: 'o' }))).toBe('CLOSED');
  });

  it('rejects requests that wait when it stops', async () => {
    const { app, turn } = await make({ producers: [Quotes] });
    await app.start();
    const asked = codeOf(app.producer(Quotes).request(GetQuote, { sku: 'x' }, { timeoutMs: 60_000 }));
    await turn();
    await app.stop();
    expect(await asked).toBe('CLOSED');
  });
});

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

describe('redrive', () => {
  it('moves dead letters back, attempts anew, their history kept, and leaves what dies again', async () => {
    const { app, broker, clock, turn } = await make({ producers: [Orders] });
    let broken = true;
    const attempts: number[] = [];
    app.consumer(Orders, { group: 'shipping', retry: exponential({ attempts: 1 }) }).handle(OrderPlaced, (_, { attempt }) => {
      attempts.push(attempt);
      if (broken) throw new Error('no');
    });
    await app.start();
    for (let count = 0; count < 3; count++) await app.producer(Orders).send(OrderPlaced, order);
    for (let turns = 0; turns < 4; turns++) await turn();
    expect(broker.queue('orders.shipping.dead')).toHaveLength(3);
    await clock.advance(1_000);
    for (const [still, moved, left] of [
      [true, 3, 3],
      [false, 3, 0],
    ] as const) {
      broken = still;
      const done = app.redrive(Orders, 'shipping');
      await clock.advance(10_000);
      expect([await done, broker.queue('orders.shipping.dead').length]).toEqual([moved, left]);
    }
    expect(attempts).toEqual(Array.from({ length: 9 }, () => 1));
    const last = broker.sent.findLast(({ address }) => address === 'orders.shipping')?.message;
    expect(JSON.parse(last?.headers['omnibus-dead'] ?? '{}')).toMatchObject({
      reason: 'attempts',
      history: [{ reason: 'attempts' }],
    });
    expect(Object.keys(last?.headers ?? {})).not.toContain('omnibus-first');
  });

  it('goes no faster than it is told, and stops where a message cannot be moved', async () => {
    const { app, broker, clock } = await make({ producers: [Parcels], with: { provision: 'assume' } });
    await app.start();
    for (let count = 0; count < 4; count++)
      broker.put(
        'parcels.dead',
        delivery(`d${count}`, { headers: { 'omnibus-attempts': '5', 'omnibus-first': '1', tenant: 'a' } }),
      );
    const done = app.redrive(Parcels, undefined, { rate: 2 });
    await clock.advance(500);
    expect(broker.queue('parcels').map(({ headers }) => headers)).toEqual([{ tenant: 'a' }, { tenant: 'a' }]);
    await clock.advance(20_000);
    expect(await done).toBe(4);
    broker.put('parcels.dead', delivery('d5'));
    broker.refusing.add('parcels');
    await expect(app.redrive(Parcels)).rejects.toThrow('redrive stopped after 0 messages: nobody reads parcels');
    expect(broker.queue('parcels.dead')).toHaveLength(1);
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

describe('a stop', () => {
  it.each([
    ['receiver', 30_000, ['closing the receiver of parcels on transport "one" was given up; the stop goes on without it']],
    [
      'sender',
      15_000,
      ['parcels', 'parcels.dead'].map(
        (each) => `closing the sender of ${each} on transport "one" was given up; the stop goes on without it`,
      ),
    ],
    ['transport', 10_000, ['transport "one": closing it failed']],
  ] as const)('ends where closing a %s hangs, and names it', async (what, ms, lines) => {
    const said: string[] = [];
    const logger = { debug() {}, info() {}, error() {}, warn: (_: object, text: string) => void said.push(text) };
    const { app, broker, clock, turn } = await make({ producers: [Parcels], logger });
    app.consumer(Parcels).handle(ParcelBooked, () => {});
    await app.start();
    broker.hanging.add(what);
    let stopped = false;
    const stop = app.stop().then(() => (stopped = true));
    await clock.advance(ms - 1);
    expect(stopped).toBe(false);
    await clock.advance(1);
    await stop;
    await turn();
    expect([said, clock.pending, broker.open]).toEqual([lines, 0, what === 'transport' ? 1 : 0]);
  });
});

describe('seek', () => {
  it('is refused where the group reads no log, and where the app does not run', async () => {
    const { app } = await make();
    app.consumer(Orders, { group: 'shipping' }).handle(OrderPlaced, () => {});
    expect(await codeOf(app.seek(Orders, 'shipping', 'first'))).toBe('CLOSED');
    await app.start();
    await expect(app.seek(Orders, 'shipping', 'first')).rejects.toMatchObject({
      code: 'CAPABILITY',
      message: expect.stringMatching(/orders\/shipping: a topic on \S+ \(transport "one"\) keeps no positions/),
    });
    await expect(app.seek(Orders, 'billing', 'first')).rejects.toThrow('there is no consumer "orders/billing"');
  });
});
