import { NONE, type Sender, systemClock } from '@omnibus/core/transport';
import { expect, it } from 'vitest';
import type { LogClient } from '../src/client.js';
import { DEFAULTS } from '../src/options.js';
import { openSender } from '../src/sender.js';
import { channel, note } from './broker.js';

interface Request {
  readonly count: number;
  end(): void;
}

/** A sender on a client that answers by hand, but for one request that fails at once; `happened` notes requests in their order. */
async function bench(failing?: number): Promise<{ sender: Sender; requests: Request[]; happened: string[] }> {
  const requests: Request[] = [];
  const happened: string[] = [];
  const none = (): never => {
    throw new Error('not asked for');
  };
  const client: LogClient = {
    check: async () => {},
    openAdmin: none,
    openConsumer: none,
    openProducer: async () => ({
      send: ({ length: count }) =>
        new Promise((resolve, reject) => {
          happened.push(`request of ${count}`);
          requests.push({ count, end: resolve });
          if (requests.length === failing) reject(new Error('no answer'));
        }),
      close: async () => {},
    }),
  };
  const options = { ...DEFAULTS, maxMessageBytes: 10_000 };
  const sender = await openSender({ client, channel: channel(), options, clientId: 'tests', clock: systemClock });
  return { sender, requests, happened };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('gathers what comes while a request is under way, and sends it before it tells of that one', async () => {
  const { sender, requests, happened } = await bench();
  const send = (name: string, count: number): Promise<unknown> =>
    sender.send(Array.from({ length: count }, () => note())).then(() => happened.push(`${name} told`));
  const first = send('first', 1);
  await turn();
  const others = [send('second', 2), send('third', 3)];
  await turn();
  expect(happened).toEqual(['request of 1']);
  requests[0]?.end();
  await first;
  expect(happened).toEqual(['request of 1', 'request of 5', 'first told']);
  requests[1]?.end();
  await Promise.all(others);
});

it('tells at once where nothing waits', async () => {
  const { sender, requests } = await bench();
  const sent = sender.send([note()]);
  await turn();
  const [ended] = [sent.then(() => 'told'), requests[0]?.end()];
  expect(await Promise.race([ended, turn().then(() => 'a turn later')])).toBe('told');
});

it('tells of what landed although the next request fails at once', async () => {
  const { sender, requests } = await bench(3);
  const large = note({ body: Buffer.alloc(8_000) });
  const first = sender.send([note()]);
  await turn();
  const [second, third] = [sender.send([large]), sender.send([large])];
  requests[0]?.end();
  expect(await first).toBe(NONE);
  requests[1]?.end();
  expect(await second).toBe(NONE);
  await expect(third).rejects.toMatchObject({ outcome: 'unknown' });
});
