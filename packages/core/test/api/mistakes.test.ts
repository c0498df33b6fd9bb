import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createApp } from '../../src/api/app.js';
import type { App, AppOptions } from '../../src/api/app-types.js';
import { type Channel, queue, stream, topic } from '../../src/api/channels.js';
import { Consumer, type ConsumerClass, Handle } from '../../src/api/decorators.js';
import { memoryStore } from '../../src/api/idempotency.js';
import { message } from '../../src/api/messages.js';
import { loadConfig } from '../../src/config/load.js';
import { OrderPlaced, Orders, ParcelBooked, Parcels } from './contracts.js';
import { FakeBroker, fake } from './fake-transport.js';

const Line = message('line', z.object({ text: z.string() }));
const Log = stream('log', { messages: [Line] });

const make = (options: Partial<AppOptions> = {}): Promise<App> => {
  const transports = { one: fake({ broker: new FakeBroker() }) };
  return createApp({ config: { name: 'shop', transports, default: 'one' }, transports: [fake], ...options });
};

/** As plain JavaScript calls it, without its types. */
const consuming = async (channel: Channel, options: object, type: { readonly name: string }) => {
  await using app = await make();
  app.consumer(channel as never, ...([options] as never)).handle(type as never, (() => {}) as never);
  await app.start();
};

describe('what the types forbid is refused by name', () => {
  it('a topic or a stream without a group', async () => {
    await expect(consuming(Orders, {}, OrderPlaced)).rejects.toThrow(
      `app.consumer("orders") reads topic "orders" for no group: say { group: 'shipping' }`,
    );
    await expect(consuming(Log, { from: 'first' }, Line)).rejects.toThrow('reads stream "log" for no group');
  });

  it('a queue with a group', async () => {
    await expect(consuming(Parcels, { group: 'shipping' }, ParcelBooked)).rejects.toThrow('queue "parcels" has none');
  });

  it('a stream that nobody says the beginning of, or none that is one', async () => {
    for (const from of [undefined, 'last', new Date(Number.NaN), { position: 3 }, null])
      await expect(consuming(Log, { group: 'g', from }, Line)).rejects.toThrow('where a new group of stream "log" begins');
    await expect(consuming(Orders, { group: 'g', from: 'first' }, OrderPlaced)).rejects.toThrow('only a stream has a beginning');
  });

  it.each([
    [{ concurrency: 0 }, {}, 'app.consumer("parcels"): concurrency is 0; it must be a whole number, 1 or more'],
    [{ concurrency: Number.NaN }, {}, 'concurrency is NaN'],
    [{ window: 1.5 }, {}, 'window is 1.5'],
    [{ handlerTimeoutMs: -1 }, {}, 'handlerTimeoutMs is -1; it must be 0 or more ms'],
    [{}, { batch: 0 }, 'app.consumer("parcels").handle("parcel.booked"): batch is 0; it must be a whole number'],
    [{}, { batch: 10, waitMs: -5 }, 'waitMs is -5'],
    [{}, { timeoutMs: Number.NaN }, 'timeoutMs is NaN'],
  ])('numbers with which nothing would be handled: %j %j', async (options, handling, why) => {
    await using app = await make();
    app.consumer(Parcels, options).handle(ParcelBooked, handling as never, () => {});
    await expect(app.start()).rejects.toThrow(why);
  });

  it('a concurrency that would pause for good', async () => {
    await using app = await make();
    app.consumer(Parcels).handle(ParcelBooked, () => {});
    await app.start();
    for (const value of [0, -1, 1.5, Number.NaN])
      expect(() => app.setConcurrency(Parcels, value)).toThrow(`setConcurrency of parcels: ${value} is not a whole number`);
    app.setConcurrency(Parcels, 1);
  });

  it('a seek to what is no beginning', async () => {
    await using app = await make();
    app.consumer(Orders, { group: 'shipping' }).handle(OrderPlaced, () => {});
    await app.start();
    for (const from of ['last', new Date(Number.NaN), undefined])
      await expect(app.seek(Orders, 'shipping', from as never)).rejects.toMatchObject({
        code: 'INVALID',
        message: expect.stringContaining("seek of orders/shipping: from has to be 'first', 'next'"),
      });
  });

  it('no configuration, or the promise of one', async () => {
    for (const config of [undefined, null, loadConfig({ file: 'nowhere.yaml' })]) {
      if (config instanceof Promise) config.catch(() => {});
      await expect(make({ config: config as never })).rejects.toMatchObject({
        code: 'CONFIG',
        message: expect.stringContaining('await loadConfig()'),
      });
    }
  });

  it('a header that is no text', async () => {
    await using app = await make({ producers: [Parcels] });
    await app.start();
    const sending = app.producer(Parcels).send(ParcelBooked, { orderId: 'o1' }, { headers: { tries: 5 } as never });
    await expect(sending).rejects.toMatchObject({
      code: 'INVALID',
      message: 'header "tries" to channel "parcels" is of type number: headers are text',
    });
  });

  it('a redrive of a queue with a group, or of a topic without', async () => {
    await using app = await make();
    app.consumer(Orders, { group: 'shipping' }).handle(OrderPlaced, () => {});
    await app.start();
    await expect(app.redrive(Orders)).rejects.toThrow('redrive of topic "orders": each group has dead letters of its own');
    await expect(app.redrive(Parcels, 'shipping')).rejects.toThrow('redrive of queue "parcels": a queue has no groups');
  });

  it('an object in the place of its class', async () => {
    await expect(make({ classes: [{}, undefined] as unknown as ConsumerClass[] })).rejects.toThrow(
      'classes has a value of type object: list the class itself',
    );
  });
});

describe('one channel, said twice', () => {
  it('carries each name of a message once', () => {
    const Other = message('line', z.object({ n: z.number() }));
    expect(() => queue('lines', { messages: [Line, Other] })).toThrow('queue "lines" lists "line" twice');
  });

  it('is refused where it is two kinds', async () => {
    await using app = await make({ producers: [Parcels, topic('parcels', { messages: [ParcelBooked] })] });
    await expect(app.start()).rejects.toThrow(
      /"parcels" is a queue, .* in createApp and a topic in createApp: share one declaration/,
    );
  });

  it('is refused where its facts differ, whoever says them', async () => {
    const Later = queue('parcels', { messages: [ParcelBooked], maxDelayMs: 5_000 });
    await using app = await make({ producers: [Later] });
    app.consumer(queue('parcels', { messages: [ParcelBooked] })).handle(ParcelBooked, () => {});
    await expect(app.start()).rejects.toThrow(
      '"parcels" is a queue in app.consumer("parcels") and a queue, maxDelayMs 5000 in createApp: share one declaration',
    );
  });

  it('is fine where a copy says the same, or a reader knows fewer types', async () => {
    const Wide = queue('parcels', { messages: [ParcelBooked, Line], ordered: false });
    await using app = await make({ producers: [Wide] });
    app.consumer(queue('parcels', { messages: [ParcelBooked] })).handle(ParcelBooked, () => {});
    await app.start();
  });
});

describe('consumers that meet', () => {
  @Consumer(Parcels)
  class Packer {
    @Handle(ParcelBooked)
    pack(): void {}
  }

  it('on a queue are told to be one class, as a queue has no groups', async () => {
    @Consumer(Parcels)
    class Sorter {
      @Handle(ParcelBooked)
      sort(): void {}
    }
    const refused = await make({ classes: [Packer, Sorter] }).catch(String);
    expect(refused).toContain('Sorter and Packer both consume "parcels": put the handlers into one class; concurrency says');
    expect(refused).not.toContain('another group');
  });

  it('on one topic may not share what they have handled', async () => {
    const store = memoryStore({ max: 10, ttlMs: 1_000 });
    await using app = await make();
    app.consumer(Orders, { group: 'shipping', idempotency: { store } }).handle(OrderPlaced, () => {});
    app.consumer(Orders, { group: 'billing', idempotency: { store } }).handle(OrderPlaced, () => {});
    await expect(app.start()).rejects.toThrow('orders/shipping and orders/billing share one idempotency store');
  });

  it('on different channels may, as ids are those of one message each', async () => {
    const store = memoryStore({ max: 10, ttlMs: 1_000 });
    await using app = await make();
    app.consumer(Orders, { group: 'shipping', idempotency: { store } }).handle(OrderPlaced, () => {});
    app.consumer(Parcels, { idempotency: { store } }).handle(ParcelBooked, () => {});
    await app.start();
  });

  it('are one where a class is listed twice', async () => {
    await using app = await make({ classes: [Packer, Packer] });
    await app.start();
  });
});
