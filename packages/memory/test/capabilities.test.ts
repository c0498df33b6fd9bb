import { ACK, type Capabilities, type Limits } from '@omnibus/core/transport';
import { expect, it } from 'vitest';
import { memoryCapabilities } from '../src/capabilities.js';
import { bench, codes, message, messages, poll, queue, send, stream, subscription, topic } from './support.js';

const jobs = queue({ name: 'jobs' });
const small: Limits = {
  sendBatch: 4,
  sendBytes: 50,
  receiveBatch: 2,
  receiveCalls: 16,
  settleBatch: 2,
  delayStepMs: 1_000,
  batchFailure: 'each',
  headers: { count: 2, bytes: 20, name: /^[a-z-]+$/, empty: false },
  body: 'text',
  lingerMs: 5,
};
const weak =
  (limits: Partial<Limits> = {}, native: Capabilities['native'] = {}) =>
  (): Capabilities => ({
    native: {
      receive: 1,
      durable: 1,
      headers: 1,
      retry: 1,
      delay: 10_000,
      retryDelay: 5_000,
      lock: 60_000,
      dedup: 1,
      priority: 300,
      ...native,
    },
    limits: { ...small, ...limits },
    caveats: ['weak: is weak'],
  });

it('is native in all but dedup, reject, wildcard and transaction', () => {
  const of = (endpoint: Parameters<ReturnType<typeof memoryCapabilities>>[0]) =>
    Object.keys(memoryCapabilities()(endpoint).native).sort();
  const everywhere = 'durable headers lock ordering receive release retry retryDelay settleEach temporary ttl'.split(' ');
  expect(of(jobs)).toEqual([...everywhere, 'delay', 'priority'].sort());
  expect(of(topic())).toEqual([...everywhere, 'delay', 'filter', 'priority'].sort());
  expect(of(subscription(topic(), 'one'))).toEqual([...everywhere, 'delay', 'filter', 'priority'].sort());
  expect(of(stream())).toEqual([...everywhere, 'filter', 'replay'].sort());
});

it("takes on another's capabilities: the lower ceiling of each, the other's limits and caveats", () => {
  const { native, limits, caveats } = memoryCapabilities({ capabilities: weak(), without: ['retry'] })(jobs);
  expect(native).toEqual({ receive: 1, durable: 1, headers: 1, delay: 10_000, retryDelay: 5_000, lock: 60_000, priority: 255 });
  expect(limits).toEqual(small);
  expect(caveats).toContain('weak: is weak');
});

it('refuses batches over the limits', async () => {
  const { transport } = await bench({ capabilities: weak() }, jobs);
  await expect(send(transport, jobs, ...messages(5))).rejects.toMatchObject({ code: 'INVALID' });
  await send(transport, jobs, ...messages(4));
  const receiver = await transport.receiver(subscription(jobs));
  await expect(poll(receiver, 3)).rejects.toMatchObject({ code: 'INVALID' });
  const held = [...(await poll(receiver, 2)), ...(await poll(receiver, 2))];
  await expect(receiver.settle(held, { type: 'ack' })).rejects.toMatchObject({ code: 'INVALID' });
  await expect(receiver.extend!(held, 1_000)).rejects.toMatchObject({ code: 'INVALID' });
  await expect(receiver.extend!(held.slice(0, 1), 60_001)).rejects.toMatchObject({ code: 'INVALID' });
});

it.each([
  ['a delay over the ceiling', { delayMs: 10_001 }, 'INVALID'],
  ['too many bytes', { body: new Uint8Array(51) }, 'TOO_LARGE'],
  ['too many bytes with its headers', { body: new Uint8Array(44), headers: { abc: 'é€' } }, 'TOO_LARGE'],
  ['too many headers', { headers: { a: '1', b: '2', c: '3' } }, 'TOO_LARGE'],
  ['too many bytes of headers', { headers: { a: 'x'.repeat(20) } }, 'TOO_LARGE'],
  ['a header name that cannot be sent', { headers: { A: '1' } }, 'INVALID'],
  ['an empty header', { headers: { a: '' } }, 'INVALID'],
])('fails a message that has %s, and sends the others', async (_, facts, code) => {
  const { transport, broker } = await bench({ capabilities: weak() }, jobs);
  const good = message('good', { delayMs: 10_000, body: new Uint8Array(42), headers: { abc: 'é€' } });
  expect(codes(await send(transport, jobs, message('bad', facts), good))).toEqual([[0, code]]);
  expect(broker.inspect('jobs')).toMatchObject({ delayed: 1, ready: 0 });
});

it('fails a batch as a whole where the other does, and stores nothing of it', async () => {
  const { transport, broker } = await bench({ capabilities: weak({ batchFailure: 'whole' }), maxMessages: 3 }, jobs);
  const large = message('large', { body: new Uint8Array(51) });
  await expect(send(transport, jobs, message('a'), large)).rejects.toMatchObject({ code: 'TOO_LARGE' });
  await expect(send(transport, jobs, ...messages(4))).rejects.toMatchObject({ code: 'THROTTLED' });
  await expect(send(transport, queue({ name: 'nowhere' }), message('a'))).rejects.toMatchObject({ code: 'NO_ROUTE' });
  expect(broker.inspect('jobs')).toMatchObject({ ready: 0 });
  expect(await send(transport, jobs, ...messages(3))).toEqual([]);
});

it('takes a message back after the longest hold of a broker without locks', async () => {
  const { transport, clock } = await bench({ capabilities: weak({ holdMs: 60_000 }), without: ['lock'] }, jobs);
  await send(transport, jobs, message('a'));
  const receiver = await transport.receiver(subscription(jobs));
  const held = await poll(receiver, 1);
  expect(held).toMatchObject([{ lockedUntil: clock.monotonic() + 60_000 }]);
  await clock.advance(60_000);
  expect(codes(await receiver.settle(held, ACK))).toEqual([[0, 'LOST']]);
});

it('refuses a retry delay over the ceiling', async () => {
  const { transport } = await bench({ capabilities: weak() }, jobs);
  await send(transport, jobs, message('a'));
  const receiver = await transport.receiver(subscription(jobs));
  const held = await poll(receiver, 1);
  await expect(receiver.settle(held, { type: 'retry', delayMs: 5_001 })).rejects.toMatchObject({ code: 'INVALID' });
  expect(await receiver.settle(held, { type: 'retry', delayMs: 5_000 })).toEqual([]);
});
