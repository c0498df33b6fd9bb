import { ACK, type Delivery, RELEASE } from '@omnibus/core/transport';
import { describe, expect, it } from 'vitest';
import { refused } from './fake-sqs.js';
import { bench, codes, ids, never, slow } from './receiver-bench.js';

const HOUR_MS = 3_600_000;

describe('a receiver', () => {
  it('makes one long poll of each receive, and several at once', async () => {
    const { receiver, put, clock, made } = bench();
    const both = [receiver.receive(1, never), receiver.receive(10, never)];
    await put('a', 'b', 'c');
    expect((await Promise.all(both)).map(ids)).toEqual([['a'], ['b', 'c']]);
    const empty = receiver.receive(10, never);
    await clock.advance(20_000);
    expect(await empty).toEqual([]);
    expect(made('receive')).toHaveLength(3);
  });

  it('locks what it gives for less long than SQS does', async () => {
    const { receiver, put, clock } = bench();
    const receiving = receiver.receive(1, never);
    await clock.advance(10_000);
    await put('a');
    const [delivery] = await receiving;
    expect(delivery?.lockedUntil).toBe(clock.monotonic() + 30_000 - 1_000);
    expect(delivery?.deliveries).toBe(1);
  });

  it('settles by one call: ack deletes, retry hides for its delay, release for nothing', async () => {
    const { receiver, put, made, ids: left } = bench();
    await put('a', 'b', 'c', 'd');
    const [a, b, c, d] = (await receiver.receive(10, never)) as [Delivery, Delivery, Delivery, Delivery];
    expect(await receiver.settle([a, b], ACK)).toEqual([]);
    expect(await receiver.settle([c], { type: 'retry', delayMs: 1_001 })).toEqual([]);
    expect(await receiver.settle([d], RELEASE)).toEqual([]);
    expect(made('delete').map(({ entries: { length } }) => length)).toEqual([2]);
    expect(made('visibility').map(({ entries: [entry] }) => entry?.VisibilityTimeout)).toEqual([2, 0]);
    expect(left()).toEqual(['c', 'd']);
    expect(ids(await receiver.receive(10, never))).toEqual(['d']);
  });

  it('answers a second settlement by itself', async () => {
    const { receiver, put, calls, ids: left } = bench();
    await put('a', 'b');
    const [a, b] = (await receiver.receive(10, never)) as [Delivery, Delivery];
    expect(await Promise.all([receiver.settle([a], ACK), receiver.settle([a], RELEASE)])).toEqual([[], []]);
    const before = calls.length;
    expect(await receiver.settle([a], RELEASE)).toEqual([]);
    expect(calls).toHaveLength(before);
    expect(await receiver.settle([a, b], ACK)).toEqual([]);
    expect(left()).toEqual([]);
  });

  it('takes a settlement after the lock for LOST, whatever SQS would say, and asks nobody', async () => {
    const { receiver, put, clock, made, ids: left } = bench();
    const receiving = receiver.receive(10, never);
    await clock.advance(5_000);
    await put('a', 'b');
    const [a, b] = (await receiving) as [Delivery, Delivery];
    await clock.advance(20_000);
    expect(await receiver.extend?.([b], 30_000)).toEqual([]);
    await clock.advance(9_500); // SQS hides a for half a second more
    expect(codes(await receiver.settle([a, b], ACK))).toEqual([[0, 'LOST', false]]);
    expect(left()).toEqual(['a']);
    expect(made('delete').map(({ entries: { length } }) => length)).toEqual([1]);
    expect(codes((await receiver.extend?.([a], 30_000)) ?? [])).toEqual([[0, 'LOST', false]]);
  });

  it('reports which entries failed; what may work later is still held, what SQS gave to another is LOST', async () => {
    const { receiver, put, script, ids: left } = bench();
    await put('a', 'b', 'c');
    const batch = await receiver.receive(10, never);
    script.entry = (_, id) =>
      id === '0'
        ? { Code: 'InternalError', SenderFault: false }
        : id === '1'
          ? { Code: 'ReceiptHandleIsInvalid', SenderFault: true }
          : undefined;
    expect(codes(await receiver.settle(batch, ACK))).toEqual([
      [0, 'THROTTLED', true],
      [1, 'LOST', false],
    ]);
    script.entry = undefined;
    expect(codes(await receiver.settle(batch, ACK))).toEqual([[1, 'LOST', false]]);
    expect(left()).toEqual(['b']);
  });

  it('holds everything where a whole call fails: the lock does not end with a connection', async () => {
    const { receiver, put, script, ids: left } = bench();
    await put('a', 'b');
    const batch = await receiver.receive(10, never);
    const { sqsError } = await import('../src/errors.js');
    script.call = () => sqsError('TIMEOUT', 'no way');
    expect(codes(await receiver.settle(batch, ACK))).toEqual([
      [0, 'TIMEOUT', true],
      [1, 'TIMEOUT', true],
    ]);
    script.call = () => refused('QueueDoesNotExist');
    expect(codes(await receiver.settle(batch, ACK)).map(([, code]) => code)).toEqual(['NOT_FOUND', 'NOT_FOUND']);
    script.call = undefined;
    expect(await receiver.settle(batch, ACK)).toEqual([]);
    expect(left()).toEqual([]);
  });

  it('renews by one call, and from when it asked', async () => {
    const { receiver, put, clock, made } = bench();
    await put('a', 'b');
    const batch = await receiver.receive(10, never);
    await clock.advance(10_000);
    expect(await receiver.extend?.(batch, 30_000)).toEqual([]);
    expect(batch.map(({ lockedUntil }) => lockedUntil)).toEqual([40_000, 40_000]);
    expect(made('visibility').map(({ entries }) => entries.map(({ VisibilityTimeout }) => VisibilityTimeout))).toEqual([
      [30, 30],
    ]);
  });

  it('renews up to 12 hours after it received, and not beyond', async () => {
    const { receiver, put, clock, made } = bench();
    await put('a');
    const [a] = (await receiver.receive(10, never)) as [Delivery];
    for (let hours = 0; hours < 11; hours++) {
      expect(await receiver.extend?.([a], 2 * HOUR_MS)).toEqual([]);
      await clock.advance(HOUR_MS);
    }
    expect(await receiver.extend?.([a], 2 * HOUR_MS)).toEqual([]);
    expect(made('visibility').at(-1)?.entries[0]?.VisibilityTimeout).toBe(3_600);
    expect(a.lockedUntil).toBe(12 * HOUR_MS);
    await clock.advance(HOUR_MS);
    expect(codes((await receiver.extend?.([a], HOUR_MS)) ?? [])).toEqual([[0, 'LOST', false]]);
  });

  it('hides a message for its retry after a renewal of it that is under way, which would hide it for a whole lock', async () => {
    const { receiver, put, clock, client, made } = bench();
    await put('a');
    const [a] = (await receiver.receive(1, never)) as [Delivery];
    const letGo = slow(client);
    const renewing = receiver.extend?.([a], 30_000);
    const settling = receiver.settle([a], { type: 'retry', delayMs: 2_000 });
    letGo();
    expect(await renewing).toEqual([]);
    expect(await settling).toEqual([]);
    expect(made('visibility').map(({ entries }) => entries[0]?.VisibilityTimeout)).toEqual([30, 2]);
    const receiving = receiver.receive(1, never);
    await clock.advance(2_000);
    expect(ids(await receiving)).toEqual(['a']);
  });

  it('gives empty at once when it is aborted, and gives back what the poll still brings before it is closed', async () => {
    const { receiver, open, put, made, clock } = bench();
    const abort = new AbortController();
    const receiving = receiver.receive(10, abort.signal);
    abort.abort();
    expect(await receiving).toEqual([]);
    const closing = receiver.close();
    await put('a', 'b');
    await closing;
    expect(made('visibility').map(({ entries }) => entries.map(({ VisibilityTimeout }) => VisibilityTimeout))).toEqual([[0, 0]]);
    expect(ids(await open().receive(10, never))).toEqual(['a', 'b']);
    await expect(receiver.receive(1, never)).rejects.toMatchObject({ code: 'CLOSED' });
    await receiver.close();
    expect(clock.pending).toBe(0);
  });

  it('leaves the other polls alone where one fails for the moment', async () => {
    const { receiver, script, put } = bench();
    const open = receiver.receive(10, never);
    script.call = () => refused('RequestThrottled');
    await expect(receiver.receive(10, never)).rejects.toMatchObject({ code: 'THROTTLED', retryable: true });
    script.call = undefined;
    await put('a');
    expect(ids(await open)).toEqual(['a']);
  });

  it('waits for no poll once the queue is out of reach', async () => {
    const { receiver, script, clock } = bench();
    const open = receiver.receive(10, never);
    open.catch(() => undefined);
    script.call = () => refused('AccessDenied');
    await expect(receiver.receive(10, never)).rejects.toMatchObject({ code: 'DENIED', message: /AccessDenied.*IAM policy/ });
    await receiver.close();
    await expect(open).rejects.toThrow();
    expect(clock.pending).toBe(0);
  });

  it('gives back all that is unsettled in the order received, ten at a time, and knows nothing of it afterwards', async () => {
    const { receiver, put, made, calls } = bench();
    for (let batch = 0; batch < 2; batch++) await put(...Array.from({ length: 8 }, (_, index) => `${batch}${index}`));
    const all = [...(await receiver.receive(10, never)), ...(await receiver.receive(10, never))];
    await receiver.settle(all.slice(0, 1), ACK);
    await receiver.close();
    expect(made('visibility').map(({ entries: { length } }) => length)).toEqual([10, 5]);
    const before = calls.length;
    expect(codes(await receiver.settle(all.slice(1, 3), ACK)).map(([, code]) => code)).toEqual(['LOST', 'LOST']);
    expect(await receiver.settle(all.slice(0, 1), ACK)).toEqual([]);
    expect(calls).toHaveLength(before);
  });

  it('gives back at once what an aborted poll brings, also where it is not closed', async () => {
    const { receiver, open, put } = bench();
    const abort = new AbortController();
    const receiving = receiver.receive(10, abort.signal);
    abort.abort();
    await receiving;
    await put('a');
    expect(ids(await open().receive(10, never))).toEqual(['a']);
  });

  it('loses one message that arrives damaged, not all that came with it', async () => {
    const { receiver, put, script, clock } = bench();
    await put('a', 'b', 'c');
    script.damage = (raw) => (raw.MessageId === 'sqs-1' ? { ...raw, Body: 'damaged' } : raw);
    expect(ids(await receiver.receive(10, never))).toEqual(['a', 'c']);
    script.damage = undefined;
    await clock.advance(31_000);
    expect(ids(await receiver.receive(10, never))).toContain('b');
  });
});
