import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/api/idempotency.js';
import { memoryClaimStore } from '../../src/runtime/memory-claim-store.js';
import { Blob, Blobs, large, make, News, SMALL } from './claim-fixture.js';

describe('who deletes', () => {
  const foreign = (header: string) => ({
    headers: { [header]: '5000' },
    body: Buffer.from('["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"memory","s3Key":"k"}]'),
  });
  it.each([
    ['SQSLargePayloadSize', 'own', 0],
    ['ExtendedPayloadSize', 'own', 1],
    ['ExtendedPayloadSize', 'all', 0],
    ['SQSLargePayloadSize', 'none', 1],
  ] as const)("a message of others with %s, cleanup '%s': %i bodies stay", async (header, cleanup, left) => {
    const { app, broker, store, turn } = await make({ claims: { cleanup } });
    const got: unknown[] = [];
    app.consumer(Blobs).handle(Blob, (payload, { headers }) => void got.push(payload, { ...headers }));
    await app.start();
    store.objects.set('k', Buffer.from(JSON.stringify(large())));
    await app.producer(Blobs).send(Blob, SMALL);
    await turn();
    broker.put('blobs', { ...broker.sent[0]!.message, type: '', id: '', ...foreign(header) });
    await turn();
    expect(got.slice(2)).toEqual([large(), {}]);
    expect(store.objects.size).toBe(left);
  });

  it('handles a duplicate no second time where an idempotency store knows it', async () => {
    const { app, broker, store, turn } = await make();
    let runs = 0;
    app.consumer(Blobs, { idempotency: { store: memoryStore({ max: 10, ttlMs: 60_000 }) } }).handle(Blob, () => void runs++);
    await app.start();
    await app.producer(Blobs).send(Blob, large());
    await turn();
    expect(store.objects.size).toBe(0);
    broker.put('blobs', broker.sent[0]!.message);
    await turn();
    expect([runs, app.stats.consumers['blobs']!.duplicates, broker.queue('blobs.dead').length]).toEqual([1, 1, 0]);
  });

  it('leaves everything to the store on a topic, whatever is said', async () => {
    const { app, store, turn } = await make({ claims: { cleanup: 'all' } });
    app.consumer(News, { group: 'a' }).handle(Blob, () => {});
    await app.start();
    await app.producer(News).send(Blob, large());
    await turn();
    expect([app.stats.consumers['news/a']!.handled, store.objects.size]).toEqual([1, 1]);
  });

  it('goes on when the store cannot delete, and says so once', async () => {
    const store = memoryClaimStore();
    const said: string[] = [];
    const logger = { debug() {}, info() {}, error() {}, warn: (_: object, text: string) => void said.push(text) };
    const { app, turn } = await make({ claims: { store: { ...store, delete: () => Promise.reject(new Error('no')) } }, logger });
    app.consumer(Blobs).handle(Blob, () => {});
    await app.start();
    await app.producer(Blobs).sendAll(Blob, [large(1), large(2), large(3)]);
    await turn();
    expect(app.stats.consumers['blobs']).toMatchObject({ handled: 3, held: 0 });
    expect(said).toEqual(['the claim check could not delete a body; it stays until the store removes it']);
  });

  it('deletes what surely was not sent', async () => {
    const { app, broker, store, clock } = await make();
    await app.start();
    broker.refusing.add('blobs');
    const sent = expect(app.producer(Blobs).send(Blob, large())).rejects.toMatchObject({ code: 'TIMEOUT', outcome: 'failed' });
    await clock.advance(30_000);
    await sent;
    expect(store.objects.size).toBe(0);
  });
});
