import { createApp, exponential, queue, type Ruling, topic } from '@omnibus/core';
import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { kafka } from '../src/index.js';
import { broker, CLIENTS, notRun, transport, url } from './broker.js';
import { Note } from './support/note.js';

const Parcels = queue('parcels', { messages: [Note] });
const Orders = topic('orders', { messages: [Note] });
const config = { name: 'tests', transports: { log: kafka({ url }) }, default: 'log' };

describe('the plan for Kafka', () => {
  const retries = async (channel: typeof Parcels | typeof Orders, maxMs: number): Promise<Ruling | undefined> => {
    const app = await createApp({ config, transports: [kafka] });
    const retry = exponential({ attempts: 3, firstMs: 10, maxMs });
    if (channel.kind === 'queue') app.consumer(channel, { retry }).handle(Note, () => {});
    else app.consumer(channel, { retry, group: 'g' }).handle(Note, () => {});
    return app.plan.rulings.find(({ feature }) => feature === 'retry' || feature === 'retryDelay');
  };

  it('parks the retries of a queue, lets those of a topic wait in place, and refuses longer ones there', async () => {
    expect(await retries(Parcels, 60_000)).toMatchObject({ ruling: 'emulate', how: expect.stringContaining('parking channel') });
    expect(await retries(Orders, 30_000)).toMatchObject({ ruling: 'emulate', how: expect.stringContaining('in this process') });
    expect(await retries(Orders, 60_000)).toMatchObject({ ruling: 'refuse' });
  });

  it('is refused where heartbeats would come too late', () => {
    expect(() => transport({ heartbeatMs: 6_000 })).toThrow(/heartbeatMs \(6000\) has to be less than sessionTimeoutMs/);
  });
});

describe.skipIf(!broker.available)(`an app on Kafka${notRun}`, () => {
  it('shows the lag of its group by partition, and none when all is read', async () => {
    const Notes = topic(`lagging-${process.pid}`, { messages: [Note] });
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    let handled = 0;
    const app = await createApp({ config, transports: [kafka], producers: [Notes] });
    app.consumer(Notes, { group: 'g', concurrency: 1, window: 1 }).handle(Note, async () => {
      await opened;
      handled++;
    });
    await app.start();
    try {
      const lag = (): Readonly<Record<string, number>> => app.stats.consumers[`${Notes.name}/g`]?.lag ?? {};
      const sum = (): number => Object.values(lag()).reduce((total, each) => total + each, 0);
      await Promise.all(Array.from({ length: 200 }, (_, n) => app.producer(Notes).send(Note, { n })));
      await expect.poll(sum, { timeout: 10_000 }).toBeGreaterThan(0);
      expect(Object.keys(lag())).toEqual(['0', '1', '2', '3']);
      const { ok, endpoints } = await app.health();
      expect([ok, endpoints.find(({ direction }) => direction === 'receive')?.lag]).toEqual([true, lag()]);
      open();
      await expect.poll(() => handled, { timeout: 10_000 }).toBe(200);
      expect(sum()).toBe(0);
    } finally {
      open();
      await app.stop();
    }
  });

  it('counts handlers that run on while their partition is taken away', async () => {
    const Notes = topic(`overlapping-${process.pid}`, { messages: [Note] });
    const member = async () => {
      const app = await createApp({ config, transports: [kafka], producers: [Notes] });
      const runs: AbortSignal[] = [];
      app.consumer(Notes, { group: 'g' }).handle(Note, (_, { signal }) => {
        runs.push(signal);
        return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      });
      return { app, runs, stats: () => app.stats.consumers[`${Notes.name}/g`]! };
    };
    const [first, second] = await Promise.all([member(), member()]);
    try {
      await first.app.start();
      await first.app.producer(Notes).send(Note, { n: 1 });
      await expect.poll(() => first.runs.length, { timeout: 10_000 }).toBe(1);
      expect(first.stats()).toMatchObject({ overlapped: 0, lost: 0 });
      await second.app.start();
      expect(first.runs[0]!.aborted).toBe(true);
      await expect.poll(() => first.stats().lost, { timeout: 10_000 }).toBeGreaterThan(0);
      expect(first.stats().overlapped).toBeGreaterThan(0);
    } finally {
      await Promise.all([first, second].map(({ app }) => app.stop({ deadlineMs: 0 })));
    }
  });

  // what checks 41 and 76 ask of a queue that is full, which no topic ever is
  it.each(CLIENTS)(
    'keeps what it cannot bury, says so, and buries it once it can, by %s',
    async (client) => {
      const Notes = queue(`unburied-${client}-${process.pid}`, { messages: [Note] });
      const Others = queue(`others-${client}-${process.pid}`, { messages: [Note] });
      const dead = `${Notes.name}.dead`;
      const admin = new Kafka({ brokers: [...url], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      const room = (bytes: number) => [{ name: 'max.message.bytes', value: String(bytes) }];
      await admin.createTopics({ topics: [{ topic: dead, numPartitions: 1, configEntries: room(100) }] });

      const definition = { ...config, transports: { log: kafka({ url, client }) }, sendTimeoutMs: 1_000 };
      const app = await createApp({ config: definition, transports: [kafka], producers: [Notes, Others] });
      const runs: number[] = [];
      app.consumer(Notes, { retry: exponential({ attempts: 1 }) }).handle(Note, ({ n }) => {
        runs.push(n);
        throw new Error('it always fails');
      });
      await app.start();
      try {
        const ends = async () =>
          (await app.health()).endpoints.map(({ channel, direction, ok }) => `${direction} ${channel} ${ok}`);
        const good = [`receive ${Notes.name} true`, `send ${Notes.name} true`, `send ${Others.name} true`];
        expect(await ends()).toEqual(good);
        await app.producer(Notes).send(Note, { n: 1 });
        await expect.poll(ends, { timeout: 20_000 }).toEqual([`receive ${Notes.name} false`, ...good.slice(1)]);
        const { endpoints } = await app.health();
        expect(endpoints[0]!.why).toContain(dead);
        expect(app.stats.consumers[Notes.name]).toMatchObject({ held: 1 });
        await app.producer(Others).send(Note, { n: 2 });

        await admin.alterConfigs({
          validateOnly: false,
          resources: [{ type: 2, name: dead, configEntries: room(1_000_000) }], // a topic
        });
        await expect.poll(ends, { timeout: 20_000 }).toEqual(good);
        await expect.poll(() => app.stats.consumers[Notes.name]!.held, { timeout: 20_000 }).toBe(0);
        const [{ high } = { high: '0' }] = await admin.fetchTopicOffsets(dead);
        expect([high, runs]).toEqual(['1', [1]]);
      } finally {
        await app.stop();
        await admin.disconnect();
      }
    },
    60_000,
  );
});
