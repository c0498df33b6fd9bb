import { createHash } from 'node:crypto';
import type { Channel, Message, Sender } from '@omnibus/core/transport';
import { virtualClock } from '@omnibus/core/transport';
import { describe, expect, it } from 'vitest';
import { sqsError } from '../src/errors.js';
import { DEFAULTS, type ResolvedOptions } from '../src/options.js';
import type { Queues } from '../src/queues.js';
import { openSender } from '../src/sender.js';
import { fakeSqs, refused } from './fake-sqs.js';
import { channel, message } from './messages.js';

function bench(of: Partial<Channel> = {}, options: Partial<ResolvedOptions> = {}) {
  const sqs = fakeSqs(virtualClock(), { isFifo: of.ordered === true });
  const found = { isThere: true, forgotten: 0 };
  const queues = {
    async find(name: string) {
      if (!found.isThere) throw sqsError('NOT_FOUND', 'no queue');
      return { name, url: 'http://sqs/1/orders', arn: 'arn' };
    },
    forget: () => void found.forgotten++,
  } as unknown as Queues;
  const sender = openSender({ client: sqs.client, queues, channel: channel(of), options: { ...DEFAULTS, ...options } });
  return { ...sqs, found, sender, entries: () => sqs.stored.map(({ entry }) => entry) };
}

const codes = async (sender: Sender, batch: readonly Message[]) =>
  (await sender.send(batch)).map(({ index, error }) => [index, error.code, error.retryable, error.outcome]);

const KIB = 1_024;
const body = (bytes: number): Uint8Array => Buffer.alloc(bytes, 'x');

describe('a sender', () => {
  it('sends a batch by one call', async () => {
    const { sender, calls, entries } = bench();
    const failures = await sender.send(Array.from({ length: 10 }, (_, index) => message({ id: `m-${index}` })));
    expect(failures).toEqual([]);
    expect(calls.map(({ action }) => action)).toEqual(['send']);
    expect(entries()).toHaveLength(10);
  });

  it('sends as many calls as a batch of over 1 MiB needs', async () => {
    const { sender, calls, entries } = bench();
    expect(await sender.send(Array.from({ length: 5 }, () => message({ body: body(400 * KIB) })))).toEqual([]);
    expect(calls.map(({ entries: { length } }) => length)).toEqual([2, 2, 1]);
    expect(entries()).toHaveLength(5);
  });

  it('says of each entry whether it arrived, and whether it is worth another try', async () => {
    const { sender, script, entries } = bench();
    const failed: Record<string, string> = { '1': 'InternalError', '2': 'InvalidMessageContents', '4': 'KmsThrottled' };
    script.entry = (_, id) =>
      failed[id] === undefined ? undefined : { Code: failed[id], SenderFault: id === '2', Message: 'secret-payload' };
    const batch = Array.from({ length: 5 }, (_, index) => message({ id: `m-${index}` }));
    expect(await codes(sender, batch)).toEqual([
      [1, 'THROTTLED', true, 'failed'],
      [2, 'INVALID', false, 'failed'],
      [4, 'THROTTLED', true, 'failed'],
    ]);
    expect(entries()).toHaveLength(2);
    const [first] = await sender.send(batch.slice(1, 2).concat(batch.slice(1, 2)));
    expect(first?.error.message).toMatch(/sending to queue 'orders'/);
    expect(first?.error.message).not.toMatch(/secret-payload/);
  });

  it('does not know of an entry that SQS leaves unanswered, or whose checksum is another', async () => {
    const { sender, script, client } = bench();
    script.sentMd5 = 'another';
    expect(await codes(sender, [message()])).toEqual([[0, 'TIMEOUT', true, 'unknown']]);
    script.sentMd5 = undefined;
    client.sendMessageBatch = async () => ({ Successful: [], Failed: [] });
    expect(await codes(sender, [message()])).toEqual([[0, 'TIMEOUT', true, 'unknown']]);
  });

  it('throws what fails the whole call, and fails only the part of a batch that it was', async () => {
    const { sender, script } = bench();
    let calls = 0;
    script.call = () => (++calls === 1 ? refused('RequestThrottled') : undefined);
    await expect(sender.send([message()])).rejects.toMatchObject({ code: 'THROTTLED', retryable: true });
    calls = 0;
    const large = Array.from({ length: 3 }, () => message({ body: body(500 * KIB) }));
    expect(await codes(sender, large)).toEqual([
      [0, 'THROTTLED', true, 'failed'],
      [1, 'THROTTLED', true, 'failed'],
    ]);
  });

  it('refuses a send to a queue that is missing, and finds it once it is there', async () => {
    const { sender, found } = bench();
    found.isThere = false;
    await expect(sender.send([message()])).rejects.toMatchObject({
      code: 'NO_ROUTE',
      retryable: false,
      message: /queue 'orders'/,
    });
    expect(found.forgotten).toBe(1);
    found.isThere = true;
    expect(await sender.send([message()])).toEqual([]);
  });

  it('refuses a message of over 1 MiB, and sends the others', async () => {
    const { sender, entries } = bench();
    const failures = await sender.send([message({ body: body(1_048_577) }), message()]);
    expect(failures).toMatchObject([{ index: 0, error: { code: 'TOO_LARGE', retryable: false } }]);
    expect(failures[0]?.error.message).toMatch(/queue 'orders': the message has \d+ bytes on the wire.*claim check/);
    expect(entries()).toHaveLength(1);
  });

  it('keeps room for a dead letter in what grows as base64, and gives it to the dead letter', async () => {
    const { sender } = bench();
    const bytes = Buffer.alloc(784_000, 0xff); // 1,045,336 characters
    expect(await codes(sender, [message({ body: bytes })])).toEqual([[0, 'TOO_LARGE', false, 'failed']]);
    expect(await sender.send([message({ body: bytes, headers: { 'omnibus-dead': '{}' } })])).toEqual([]);
    expect(await sender.send([message({ body: bytes, headers: { 'omnibus-headers': '{"omnibus-dead":"{}"}' } })])).toEqual([]);
  });

  it('refuses headers that SQS cannot carry, naming the queue', async () => {
    const { sender } = bench();
    const headers = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`h${index}`, 'x']));
    const [failure] = await sender.send([message({ headers }), message()]);
    expect(failure).toMatchObject({ index: 0, error: { code: 'INVALID' } });
    expect(failure?.error.message).toMatch(/sending to queue 'orders': the message has 11 headers, and 8 fit/);
  });

  it('delays in whole seconds, never less than asked, and refuses more than SQS can', async () => {
    const { sender, entries } = bench();
    expect(await sender.send([message({ delayMs: 1_001 }), message({ delayMs: 900_000 })])).toEqual([]);
    expect(entries().map(({ DelaySeconds }) => DelaySeconds)).toEqual([2, 900]);
    expect(await codes(sender, [message({ delayMs: 900_001 })])).toEqual([[0, 'INVALID', false, 'failed']]);
  });

  it('gives standard queues a group for their key only where they are fair', async () => {
    const plain = bench();
    await plain.sender.send([message({ key: 'k' })]);
    expect(plain.entries()[0]).not.toHaveProperty('MessageGroupId');
    const fair = bench({}, { fairQueues: true });
    await fair.sender.send([message({ key: 'k' }), message()]);
    expect(fair.entries().map(({ MessageGroupId }) => MessageGroupId)).toEqual(['k', undefined]);
  });

  it('lets calls in flight finish before it is closed, and takes no more', async () => {
    const { sender, entries } = bench();
    const sending = sender.send([message()]);
    await sender.close();
    await sender.close();
    expect(await sending).toEqual([]);
    expect(entries()).toHaveLength(1);
    await expect(sender.send([message()])).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('a sender to a FIFO queue', () => {
  const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

  it('makes the key the group, and gives a message without one a group of its own', async () => {
    const { sender, entries } = bench({ ordered: true });
    await sender.send([message({ key: 'k' }), message({ id: 'alone' })]);
    expect(entries().map(({ MessageGroupId }) => MessageGroupId)).toEqual(['k', 'alone']);
  });

  it('sends keys and ids that SQS does not take as their hash', async () => {
    const { sender, entries } = bench({ ordered: true });
    const long = 'x'.repeat(129);
    await sender.send([message({ key: 'schlüssel 1', id: long })]);
    expect(entries()[0]).toMatchObject({ MessageGroupId: sha('schlüssel 1'), MessageDeduplicationId: sha(long) });
  });

  it('sends a message again under the id that it had, and every copy of the framework under one of its own', async () => {
    const { sender, entries } = bench({ ordered: true });
    const copies = [
      {},
      {},
      { 'omnibus-attempts': '2' },
      { 'omnibus-attempts': '3' },
      { 'omnibus-dead': '{"reason":"a"}' },
      { 'omnibus-headers': '{"omnibus-attempts":"2"}' },
      { 'omnibus-headers': '{"tenant":"acme"}' },
    ];
    for (const headers of copies) await sender.send([message({ key: 'k', headers })]);
    const [first, again, two, three, dead, packed, plain] = entries().map(({ MessageDeduplicationId }) => MessageDeduplicationId);
    expect([first, again, plain]).toEqual(['m-1', 'm-1', 'm-1']);
    expect(new Set([first, two, three, dead]).size).toBe(4);
    expect(two).toMatch(/^m-1#[0-9a-f]{16}$/);
    expect(packed).toBe(two);
  });

  it('refuses a delay, which SQS has for whole FIFO queues only', async () => {
    const { sender } = bench({ ordered: true });
    const [failure] = await sender.send([message({ key: 'k', delayMs: 1_000 })]);
    expect(failure?.error).toMatchObject({
      code: 'INVALID',
      message: expect.stringMatching(/'orders\.fifo': a FIFO queue delays no single message/),
    });
  });
});
