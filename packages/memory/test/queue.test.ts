import { getEventListeners } from 'node:events';
import { ACK, RELEASE } from '@omnibus/core/transport';
import { expect, it } from 'vitest';
import { bench, codes, ids, message, messages, never, poll, queue, send, subscription } from './support.js';

const jobs = queue({ name: 'jobs' });

it('gives each message to one receiver', async () => {
  const { transport } = await bench({}, jobs);
  await send(transport, jobs, ...messages(4));
  const one = await transport.receiver(subscription(jobs));
  const other = await transport.receiver(subscription(jobs));
  expect(ids(await poll(one, 3))).toEqual(['1', '2', '3']);
  expect(ids(await poll(other, 3))).toEqual(['4']);
});

it('gives every field of a message as it was sent', async () => {
  const { transport } = await bench({}, jobs);
  const sent = message('a', {
    type: 'job.asked',
    time: 17,
    contentType: 'text/plain',
    body: new Uint8Array([0, 255, 128]),
    headers: { 'x-ä': '☃', empty: '' },
    key: 'k',
    correlationId: 'c',
    replyTo: 'replies',
    expiresAt: 1_900_000_000_000,
    priority: 3,
  });
  await send(transport, jobs, sent);
  const [delivery] = await poll(await transport.receiver(subscription(jobs)));
  expect(delivery).toMatchObject({ ...sent, deliveries: 1, partition: undefined, position: undefined, native: undefined });
});

it('has stored a message when its send resolves', async () => {
  const { transport, broker } = await bench({}, jobs);
  await send(transport, jobs, message('a'));
  expect(broker.inspect('jobs')).toMatchObject({ ready: 1, unsettled: 0, delayed: 0 });
});

it('forgets what was acked', async () => {
  const { transport, broker } = await bench({}, jobs);
  await send(transport, jobs, ...messages(3));
  const receiver = await transport.receiver(subscription(jobs));
  const [first, second, third] = await poll(receiver);
  expect(await receiver.settle([third!, first!], ACK)).toEqual([]);
  expect(ids(broker.inspect('jobs')!.messages)).toEqual(['2']);
  await receiver.settle([second!], ACK);
  expect(broker.inspect('jobs')).toMatchObject({ ready: 0, unsettled: 0, messages: [] });
});

it('gives a released message back to its place, as if it had not been handed out', async () => {
  const { transport } = await bench({}, jobs);
  await send(transport, jobs, ...messages(5));
  const receiver = await transport.receiver(subscription(jobs));
  const [, second, third] = await poll(receiver, 3);
  await receiver.settle([third!, second!], RELEASE);
  const again = await poll(receiver);
  expect(ids(again)).toEqual(['2', '3', '4', '5']);
  expect(again.map(({ deliveries }) => deliveries)).toEqual([1, 1, 1, 1]);
});

it('counts a delivery for every hand-out but a released one', async () => {
  const { transport } = await bench({}, jobs);
  await send(transport, jobs, message('a'));
  const receiver = await transport.receiver(subscription(jobs));
  for (const expected of [1, 2, 3]) {
    const [released] = await poll(receiver);
    expect(released).toMatchObject({ deliveries: expected });
    await receiver.settle([released!], RELEASE);
    const [retried] = await poll(receiver);
    expect(retried).toMatchObject({ deliveries: expected });
    await receiver.settle([retried!], { type: 'retry', delayMs: 0 });
  }
});

it('settles a delivery once: a second verdict is no error and changes nothing', async () => {
  const { transport, broker } = await bench({}, jobs);
  await send(transport, jobs, ...messages(2));
  const receiver = await transport.receiver(subscription(jobs));
  const [acked, released] = await poll(receiver);
  await receiver.settle([acked!], ACK);
  await receiver.settle([released!], RELEASE);
  expect(await receiver.settle([acked!, released!], RELEASE)).toEqual([]);
  expect(await receiver.settle([acked!, released!], ACK)).toEqual([]);
  expect(ids(broker.inspect('jobs')!.messages)).toEqual(['2']);
});

it('never lets a copy of an old delivery settle the new one', async () => {
  const { transport, broker } = await bench({}, jobs);
  await send(transport, jobs, message('a'));
  const receiver = await transport.receiver(subscription(jobs));
  const [delivery] = await poll(receiver);
  const copy = { ...delivery! };
  await receiver.settle([delivery!], RELEASE);
  await poll(receiver);
  await receiver.settle([copy], ACK);
  expect(broker.inspect('jobs')).toMatchObject({ unsettled: 1 });
});

it('lets a receive wait for the first message, and takes a whole batch at once', async () => {
  const { transport } = await bench({}, jobs);
  const receiver = await transport.receiver(subscription(jobs));
  const waiting = receiver.receive(10, never());
  await send(transport, jobs, ...messages(3));
  expect(ids(await waiting)).toEqual(['1', '2', '3']);
});

it('returns from an empty queue after 20 s, and at once when the signal aborts', async () => {
  const { transport, clock } = await bench({}, jobs);
  const receiver = await transport.receiver(subscription(jobs));
  const waiting = receiver.receive(10, never());
  await clock.advance(20_000);
  expect(await waiting).toEqual([]);
  expect(await poll(receiver)).toEqual([]);
  const aborted = AbortSignal.abort();
  await send(transport, jobs, message('a'));
  expect(await receiver.receive(1, aborted)).toEqual([]);
});

it('leaves nothing behind on a signal that many calls waited with', async () => {
  const { transport } = await bench({}, jobs);
  const receiver = await transport.receiver(subscription(jobs));
  const { signal } = new AbortController();
  for (let round = 0; round < 3; round++) {
    const waiting = receiver.receive(1, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await send(transport, jobs, message('a'));
    await receiver.settle(await waiting, ACK);
  }
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

it('serves overlapping receives one after another', async () => {
  const { transport } = await bench({}, jobs);
  const receiver = await transport.receiver(subscription(jobs));
  const waiting = [receiver.receive(2, never()), receiver.receive(2, never())];
  await send(transport, jobs, ...messages(3));
  expect((await Promise.all(waiting)).map(ids)).toEqual([['1', '2'], ['3']]);
});

it('refuses what it has no room for, entry by entry, and takes it when there is room', async () => {
  const { transport } = await bench({ maxMessages: 2 }, jobs);
  const failures = await send(transport, jobs, ...messages(3));
  expect(codes(failures)).toEqual([[2, 'THROTTLED']]);
  expect(failures[0]!.error).toMatchObject({ retryable: true, outcome: 'failed' });
  const receiver = await transport.receiver(subscription(jobs));
  const [first] = await poll(receiver);
  expect(codes(await send(transport, jobs, message('3')))).toEqual([[0, 'THROTTLED']]);
  await receiver.settle([first!], ACK);
  expect(await send(transport, jobs, message('3'))).toEqual([]);
});

it('says NO_ROUTE for every message to an address where nothing stands', async () => {
  const { transport } = await bench();
  const failures = await send(transport, jobs, ...messages(2));
  expect(codes(failures)).toEqual([
    [0, 'NO_ROUTE'],
    [1, 'NO_ROUTE'],
  ]);
  expect(failures[0]!.error.retryable).toBe(false);
});

it('says NOT_FOUND to a receiver where nothing stands, TOPOLOGY where something else does', async () => {
  const { transport } = await bench({}, queue({ name: 'other' }));
  await expect(transport.receiver(subscription(jobs))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(transport.receiver(subscription({ ...jobs, kind: 'stream', address: 'other' }))).rejects.toMatchObject({
    code: 'TOPOLOGY',
  });
});

it('refuses a reject: the core dead-letters by itself', async () => {
  const { transport } = await bench({}, jobs);
  await send(transport, jobs, message('a'));
  const receiver = await transport.receiver(subscription(jobs));
  const batch = await poll(receiver);
  await expect(receiver.settle(batch, { type: 'reject', reason: 'no' })).rejects.toMatchObject({ code: 'INVALID' });
});
