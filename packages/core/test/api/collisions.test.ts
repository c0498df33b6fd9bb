import { expect, it } from 'vitest';
import { createApp } from '../../src/api/app.js';
import { queue, topic } from '../../src/api/channels.js';
import { message } from '../../src/api/messages.js';
import type { Config } from '../../src/config/schema.js';
import type { Transport } from '../../src/transport/transport.js';
import { defineTransport } from '../../src/transport/transport.js';

const Note = message('note', {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
});
const Orders = queue('orders', { messages: [Note] });
const Bills = queue('bills', { messages: [Note] });
const News = topic('news', { messages: [Note] });

const native = { receive: 1, settleEach: 1, retry: 1e6, retryDelay: 1e6, release: 1, durable: 1 };
const limits = {
  sendBatch: 1,
  sendBytes: 1e6,
  receiveBatch: 1,
  receiveCalls: 1,
  settleBatch: 1,
  delayStepMs: 0,
  batchFailure: 'each' as const,
  headers: { count: 10, bytes: 1e4, name: /^/, empty: true },
  body: 'bytes' as const,
  lingerMs: 0,
};

/** A transport on which every start ends at its first connect. */
const deaf = defineTransport<object>({
  transport: 'deaf',
  options: {},
  create: (): Transport => {
    const connected = () => Promise.reject(new TypeError('it connected'));
    return {
      system: 'deaf',
      kinds: ['queue', 'topic'],
      capabilities: () => ({ native, limits, caveats: [] }),
      connect: connected,
      provision: connected,
      sender: connected,
      receiver: connected,
      health: async () => ({ ok: false, why: 'it is deaf' }),
      close: async () => {},
    };
  },
});

const start = async (config: Partial<Config>) => {
  const app = await createApp({
    config: { name: 'test', transports: { one: deaf({}), other: deaf({}) }, default: 'one', startTimeoutMs: 20, ...config },
    producers: [Bills],
  });
  app.consumer(Orders).handle(Note, () => {});
  app.consumer(News, { group: 'readers' }).handle(Note, () => {});
  await app.start();
};

it('refuses two channels at one address, by both names', async () => {
  await expect(start({ channels: { orders: { address: 'bills' } } })).rejects.toMatchObject({
    code: 'CONFIG',
    message: expect.stringMatching(/"bills".*"orders".*queue: bills of transport "one"/),
  });
});

it("refuses a queue where a topic's group has its messages", async () => {
  await expect(start({ channels: { bills: { address: 'news.readers' } } })).rejects.toMatchObject({
    code: 'CONFIG',
    message: expect.stringContaining('"news/readers"'),
  });
});

it('refuses a queue where the dead letters of another go', async () => {
  await expect(start({ channels: { bills: { address: 'orders.dead' } } })).rejects.toMatchObject({
    code: 'CONFIG',
    message: expect.stringContaining('"orders.dead"'),
  });
});

it('lets two channels have one address on two transports, and dead letters share a channel', async () => {
  const channels = {
    orders: { address: 'bills', deadLetter: 'dead' },
    bills: { transport: 'other' },
    news: { deadLetter: 'dead' },
  };
  await expect(start({ channels })).rejects.not.toMatchObject({ code: 'CONFIG' });
});
