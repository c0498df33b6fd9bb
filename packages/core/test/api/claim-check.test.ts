import { describe, expect, it } from 'vitest';
import { queue } from '../../src/api/channels.js';
import { memoryClaimStore } from '../../src/runtime/memory-claim-store.js';
import { exponential } from '../../src/runtime/retry-policy.js';
import { Anything, Ask, Asks, Blob, Blobs, large, make, News, Plain, Raw, Raws, SMALL } from './claim-fixture.js';

describe('a claim check', () => {
  it('sends a pointer for what is large, and hands out the payload; what is small goes as it is', async () => {
    const { app, broker, store, turn } = await make();
    const got: unknown[] = [];
    app.consumer(Blobs).handle(Blob, (payload, { headers }) => void got.push(payload, { ...headers }));
    await app.start();
    await app.producer(Blobs).send(Blob, large(), { headers: { tenant: 'acme' } });
    await turn();
    await app.producer(Blobs).send(Blob, SMALL);
    await turn();
    const [sent, plain] = broker.sent.map(({ message: each }) => each);
    expect(JSON.parse(Buffer.from(sent!.body).toString())).toEqual([
      'software.amazon.payloadoffloading.PayloadS3Pointer',
      { s3BucketName: 'memory', s3Key: expect.any(String) as string },
    ]);
    expect(sent).toMatchObject({
      contentType: 'application/json',
      headers: { ExtendedPayloadSize: String(JSON.stringify(large()).length), tenant: 'acme' },
    });
    expect(Buffer.from(plain!.body).toString()).toBe(JSON.stringify(SMALL));
    expect(got).toEqual([large(), { tenant: 'acme' }, SMALL, {}]);
    expect(store.objects.size).toBe(0);
  });

  it('counts headers with the body, and bytes, not characters', async () => {
    const { app, broker } = await make();
    await app.start();
    const send = app.producer(Blobs).send;
    await send(Blob, { id: 1, text: 'é'.repeat(1_950) });
    await send(Blob, { id: 2, text: 'x'.repeat(3_000) }, { headers: { tenant: 'y'.repeat(900) } });
    await send(Blob, { id: 3, text: 'x'.repeat(3_000) });
    expect(broker.sent.map(({ message: { headers } }) => headers['ExtendedPayloadSize'])).toEqual(['3918', '3018', undefined]);
  });

  it('takes what the broker takes for the threshold where that is less', async () => {
    const { app, store } = await make({ claims: { thresholdBytes: 1e9 }, producers: [Blobs] });
    await app.start();
    await app.producer(Blobs).send(Blob, { id: 1, text: 'x'.repeat(1_100_000) });
    expect(store.objects.size).toBe(1);
  });

  it('keeps the body for every group of a topic', async () => {
    const { app, store, turn } = await make();
    const got: string[] = [];
    for (const group of ['a', 'b']) app.consumer(News, { group }).handle(Blob, ({ id }) => void got.push(`${group}${id}`));
    await app.start();
    await app.producer(News).send(Blob, large());
    await turn();
    expect(got).toEqual(['a1', 'b1']);
    expect(store.objects.size).toBe(1);
  });

  it("keeps what a topic's dead letter points to, also where a queue's consumer handles it", async () => {
    const Buried = queue('news.a.dead', { messages: [Blob] });
    const { app, store, turn } = await make();
    const got: unknown[] = [];
    app.consumer(News, { group: 'a', retry: exponential({ attempts: 1 }) }).handle(Blob, () => {
      throw new Error('no');
    });
    app.consumer(Buried).handle(Blob, (payload) => void got.push(payload));
    await app.start();
    await app.producer(News).send(Blob, large());
    await turn();
    expect(got).toEqual([large()]);
    expect(store.objects.size).toBe(1);
  });

  it('carries the pointer through retries, death and redrive, and deletes the body at the very end', async () => {
    const { app, broker, store, clock, turn } = await make({ on: { without: ['retryDelay', 'retry'] } });
    let broken = true;
    const got: unknown[] = [];
    app.consumer(Blobs, { retry: exponential({ attempts: 2, firstMs: 1_000, jitter: 'none' }) }).handle(Blob, (payload) => {
      if (broken) throw new Error('no');
      got.push(payload);
    });
    await app.start();
    await app.producer(Blobs).send(Blob, large());
    await turn();
    await clock.advance(1_000);
    expect(app.stats.consumers['blobs']).toMatchObject({ retried: 1, dead: 1 });
    const bodies = broker.sent.map(({ message: { body } }) => Buffer.from(body).toString());
    expect(bodies).toHaveLength(3);
    expect(new Set(bodies).size).toBe(1);
    expect(store.objects.size).toBe(1);
    broken = false;
    await clock.advance(1_000);
    const moved = app.redrive(Blobs);
    await clock.advance(6_000);
    expect(await moved).toBe(1);
    await turn();
    expect(got).toEqual([large()]);
    expect(store.objects.size).toBe(0);
  });

  it('fetches what a batch needs, one by one', async () => {
    const { app, store, turn } = await make();
    const got: number[][] = [];
    app.consumer(Blobs).handle(Blob, { batch: 10 }, (payloads) => void got.push(payloads.map(({ text }) => text.length)));
    await app.start();
    await app.producer(Blobs).sendAll(Blob, [large(1), SMALL, large(2)]);
    await turn();
    expect(got.flat().toSorted()).toEqual([0, 5_000, 5_000]);
    expect(store.objects.size).toBe(0);
  });

  it('carries binary bodies as they are', async () => {
    const { app, turn } = await make();
    const body = Uint8Array.from({ length: 9_000 }, (_, index) => index % 256);
    const got: unknown[] = [];
    app.consumer(Raws).handle(Raw, (payload) => void got.push(Buffer.from(payload).equals(body)));
    await app.start();
    await app.producer(Raws).send(Raw, body);
    await turn();
    expect(got).toEqual([true]);
  });

  it('lets requests and replies be large, and cleans up both', async () => {
    const { app, store, turn } = await make();
    app.consumer(Asks).handle(Ask, ({ size }) => ({ text: 'y'.repeat(size) }));
    await app.start();
    const reply = app.producer(Asks).request(Ask, { size: 8_000 }, { timeoutMs: 1_000 });
    await turn();
    expect((await reply).text).toHaveLength(8_000);
    await turn();
    expect(store.objects.size).toBe(0);
  });

  it('fails a request whose reply cannot be read', async () => {
    const store = memoryClaimStore();
    const { app, turn } = await make({ claims: { store: { ...store, get: () => Promise.reject(new Error('no store')) } } });
    app.consumer(Asks).handle(Ask, ({ size }) => ({ text: 'y'.repeat(size) }));
    await app.start();
    const reply = app.producer(Asks).request(Ask, { size: 8_000 }, { timeoutMs: 1_000 });
    const failed = expect(reply).rejects.toMatchObject({
      code: 'REMOTE',
      message: expect.stringContaining('no store') as string,
    });
    await turn();
    await failed;
  });

  it('runs where() on the payload, and deletes what it leaves out', async () => {
    const { app, store, broker, turn } = await make();
    const got: number[] = [];
    app.consumer(Blobs).handle(Blob, { where: { id: 2 } }, ({ id }) => void got.push(id));
    await app.start();
    await app.producer(Blobs).send(Blob, large(1));
    await app.producer(Blobs).send(Blob, large(2));
    await turn();
    expect(got).toEqual([2]);
    expect(store.objects.size).toBe(0);
    expect(broker.topologies[0]!.subscriptions.filter(({ filter }) => filter !== undefined)).toEqual([]);
  });

  it('leaves a pointer alone that no header announces, and headers that announce no pointer', async () => {
    const { app, broker, store, turn } = await make();
    const got: unknown[] = [];
    app.consumer(Plain).handle(Anything, (payload, { headers }) => void got.push(payload, { ...headers }));
    await app.start();
    const pointer = ['software.amazon.payloadoffloading.PayloadS3Pointer', { s3BucketName: 'memory', s3Key: 'k' }];
    store.objects.set('k', new Uint8Array());
    await app.producer(Plain).send(Anything, pointer);
    await turn();
    const sent = broker.sent[0]!.message;
    broker.put('plain', { ...sent, body: Buffer.from('[1]'), headers: { ...sent.headers, ExtendedPayloadSize: '7' } });
    await turn();
    expect(got).toEqual([pointer, {}, [1], { ExtendedPayloadSize: '7' }]);
    expect(store.objects.size).toBe(1);
  });
});
