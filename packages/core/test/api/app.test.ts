import 'reflect-metadata/lite';
import { Container, injectable } from 'inversify';
import { describe, expect, it } from 'vitest';
import { perInstance } from '../../src/api/consumer.js';
import { Consumer, Handle } from '../../src/api/decorators.js';
import type { Producer } from '../../src/api/producer.js';
import { InjectProducer } from '../../src/inversify/inject-producer.js';
import { codeOf, GetQuote, make, Quotes } from './app-fixture.js';
import { OrderPlaced, Orders, ParcelBooked, Parcels } from './contracts.js';
import { FakeBroker, fake } from './fake-transport.js';

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
