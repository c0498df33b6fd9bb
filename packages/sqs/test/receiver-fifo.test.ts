import { ACK, type Delivery, RELEASE } from '@omnibus/core/transport';
import { describe, expect, it } from 'vitest';
import { bench, codes, ids, never, slow } from './receiver-bench.js';

describe('a receiver of a FIFO queue', () => {
  it('hands out several messages of one group in their order, and other groups beside them', async () => {
    const { receiver, put } = bench({ isFifo: true });
    await put('a1', 'b1', 'a2', 'a3');
    expect(ids(await receiver.receive(10, never))).toEqual(['a1', 'a2', 'a3', 'b1']);
  });

  it('takes a whole group for LOST when the lock of one of its messages is', async () => {
    const { receiver, put, script } = bench({ isFifo: true });
    await put('a1', 'a2', 'a3', 'b1');
    const [a1, a2, a3, b1] = (await receiver.receive(10, never)) as [Delivery, Delivery, Delivery, Delivery];
    script.entry = (_, id) => (id === '1' ? { Code: 'ReceiptHandleIsInvalid', SenderFault: true } : undefined);
    expect(codes((await receiver.extend?.([b1, a2], 30_000)) ?? [])).toEqual([[1, 'LOST', false]]);
    script.entry = undefined;
    expect(a1.lockedUntil).toBe(Number.NEGATIVE_INFINITY);
    expect(codes(await receiver.settle([a1, a3, b1], ACK)).map(([index, code]) => [index, code])).toEqual([
      [0, 'LOST'],
      [1, 'LOST'],
    ]);
  });

  it('loses no group for a renewal that came after the ack of its message', async () => {
    const { receiver, put, client } = bench({ isFifo: true });
    await put('a1', 'a2');
    const [a1, a2] = (await receiver.receive(10, never)) as [Delivery, Delivery];
    const letGo = slow(client);
    const renewing = receiver.extend?.([a1], 30_000);
    expect(await receiver.settle([a1], ACK)).toEqual([]);
    letGo();
    expect(await renewing).toEqual([]); // SQS says that there is no such message: it is settled
    expect(await receiver.settle([a2], ACK)).toEqual([]);
  });

  it('hands out nothing of a group behind a damaged message', async () => {
    const { receiver, put, script, clock } = bench({ isFifo: true });
    await put('a1', 'a2', 'a3', 'b1');
    script.damage = (raw) => (raw.MessageId === 'sqs-1' ? { ...raw, Body: 'damaged' } : raw);
    const first = await receiver.receive(10, never);
    expect(ids(first)).toEqual(['a1', 'b1']);
    await receiver.settle(first, ACK);
    script.damage = undefined;
    await clock.advance(31_000);
    expect(ids(await receiver.receive(10, never))).toEqual(['a2', 'a3']);
  });

  it('gives a whole lane back: its head after the delay, and nothing overtakes it', async () => {
    const { receiver, put, clock } = bench({ isFifo: true });
    await put('a1', 'a2', 'b1');
    const [a1, a2, b1] = (await receiver.receive(10, never)) as [Delivery, Delivery, Delivery];
    await receiver.settle([a1], { type: 'retry', delayMs: 40_000 });
    await receiver.settle([a2], RELEASE);
    await receiver.settle([b1], ACK);
    const receiving = receiver.receive(10, never);
    await clock.advance(20_000);
    expect(await receiving).toEqual([]);
    const later = receiver.receive(10, never);
    await clock.advance(20_000);
    expect(ids(await later)).toEqual(['a1', 'a2']);
  });

  it('lets no group stand still in a rolling deploy: the next process has all of it at once, in order', async () => {
    const { receiver, open, put } = bench({ isFifo: true });
    await put('a1', 'a2', 'a3');
    const [a1] = (await receiver.receive(10, never)) as [Delivery];
    const abort = new AbortController();
    const polling = receiver.receive(10, abort.signal);
    const next = open();
    const waiting = next.receive(10, never);
    abort.abort();
    await polling;
    await receiver.settle([a1], ACK);
    const closing = receiver.close();
    await put('b1'); // whichever poll gets it
    await closing;
    const taken = [...(await waiting)];
    while (taken.length < 3) taken.push(...(await next.receive(10, never)));
    expect(ids(taken).filter((id) => id.startsWith('a'))).toEqual(['a2', 'a3']);
    expect(ids(taken)).toContain('b1');
  });
});
