import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toStructured } from '../../src/codec/structured.js';
import { packingSender, unpackingReceiver } from '../../src/emulate/pack-headers.js';
import { structuredReceiver, structuredSender } from '../../src/emulate/structured.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Message } from '../../src/transport/message.js';
import { NONE } from '../../src/transport/transport.js';
import { anyMessage } from '../codec/arbitraries.js';
import { codes, delivery, fakeReceiver, fakeSender, message, never } from './fakes.js';

const limits = { headers: { count: 2, bytes: 100, name: /^[a-z-]+$/, empty: false } };

describe('packingSender and unpackingReceiver', () => {
  test('carry headers that the broker cannot, and give them back', async () => {
    const inner = fakeSender();
    const headers = { tenant: 'acme', 'Odd Name': '1', empty: '' };
    await packingSender(inner, limits).send([message({ headers })]);
    const [sent] = inner.sent as [Message];
    expect(Object.keys(sent.headers)).toEqual(['tenant', 'omnibus-headers']);
    const receiver = unpackingReceiver(fakeReceiver(delivery(sent)));
    expect((await receiver.receive(1, never))[0]?.headers).toEqual(headers);
  });

  test('touch nothing where nothing is in the way', async () => {
    const inner = fakeSender();
    const plain = message();
    await packingSender(inner, limits).send([plain]);
    expect(inner.sent[0]).toBe(plain);
    const one = delivery();
    const { headers } = one;
    expect((await unpackingReceiver(fakeReceiver(one)).receive(1, never))[0]).toBe(one);
    expect(one.headers).toBe(headers);
  });

  test('a message whose headers do not fit fails alone, by its index, beside what the broker refused', async () => {
    const inner = fakeSender();
    const sender = packingSender(inner, limits);
    const large = message({ headers: { big: 'x'.repeat(101) } });
    inner.answer = () => [{ index: 1, error: new MessagingError('THROTTLED', 'slow down') }];
    expect(codes(await sender.send([message(), large, message({ id: 'c' })]))).toEqual({ 1: 'TOO_LARGE', 2: 'THROTTLED' });
    let asked = 0;
    inner.answer = () => {
      asked++;
      throw new Error('the link is gone');
    };
    expect(codes(await sender.send([large]))).toEqual({ 0: 'TOO_LARGE' });
    expect(asked).toBe(0);
    await expect(sender.send([message()])).rejects.toThrow('the link is gone');
    await sender.close();
    expect(inner.closed).toBe(1);
  });
});

describe('structuredSender and structuredReceiver', () => {
  test('carry any message through a broker that has nothing but a body', async () => {
    await fc.assert(
      fc.asyncProperty(anyMessage, async (original) => {
        const inner = fakeSender();
        await structuredSender(inner).send([original]);
        const [sent] = inner.sent as [Message];
        expect(sent).toMatchObject({
          contentType: 'application/cloudevents+json',
          key: original.key,
          delayMs: original.delayMs,
        });
        expect(sent.headers).toEqual({});
        const bare = delivery({
          ...message(),
          body: sent.body,
          id: '',
          type: '',
          time: 0,
          contentType: '',
          headers: {},
          key: undefined,
          correlationId: undefined,
          replyTo: undefined,
        });
        const [got] = await structuredReceiver(fakeReceiver(bare)).receive(1, never);
        expect({ ...got, body: Buffer.from(got?.body ?? []).toString('hex') }).toEqual({
          ...bare,
          ...original,
          delayMs: 0,
          body: Buffer.from(original.body).toString('hex'),
        });
      }),
      { numRuns: 100 },
    );
  });

  test('leave a foreign message as it is', async () => {
    const foreign = delivery({ body: Buffer.from('plain text'), headers: {}, type: '' });
    const before = { ...foreign };
    expect(await structuredReceiver(fakeReceiver(foreign)).receive(1, never)).toEqual([before]);
  });

  test("keep the broker's own id, time and key where the event says none", async () => {
    const event = toStructured(message({ id: '', time: 0, key: undefined, type: 'foreign' }));
    const [got] = await structuredReceiver(
      fakeReceiver(delivery({ id: 'seq-1', time: 5, key: 'shard-key', body: event })),
    ).receive(1, never);
    expect(got).toMatchObject({ id: 'seq-1', time: 5, key: 'shard-key', type: 'foreign' });
  });

  test('settle and close what the inner receiver gave', async () => {
    const inner = fakeReceiver(delivery());
    const receiver = structuredReceiver(inner);
    expect(await receiver.settle(await receiver.receive(1, never), { type: 'ack' })).toBe(NONE);
    await receiver.close();
    expect(inner.log).toEqual(['ack m-1']);
    expect(inner.closed).toBe(1);
  });
});
