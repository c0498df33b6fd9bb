import { describe, expect, it } from 'vitest';
import { memoryClaimStore } from '../../src/runtime/memory-claim-store.js';
import { MessagingError } from '../../src/transport/errors.js';
import { Blob, Blobs, held, Lined, large, make, SMALL } from './claim-fixture.js';

describe('a claim check that sends', () => {
  it('keeps the order of a key, whatever takes longer', async () => {
    const store = memoryClaimStore();
    const gates = [held(), held()];
    let puts = 0;
    const slow = {
      ...store,
      async put(...args: Parameters<typeof store.put>) {
        await gates[puts++]?.promise;
        return store.put(...args);
      },
    };
    const { app, broker, turn } = await make({ claims: { store: slow }, producers: [Lined] });
    await app.start();
    const { send } = app.producer(Lined);
    const ids = ['a', 'b', 'c', 'd'];
    const texts = [large(1).text, '', large(1).text, ''];
    const sent = ids.map((id, index) => send(Blob, { id: 1, text: texts[index]! }, { id }));
    const other = send(Blob, SMALL, { id: 'other' });
    await other;
    gates[1]!.resolve();
    await turn();
    expect(broker.sent.map(({ message: { id } }) => id)).toEqual(['other']);
    gates[0]!.resolve();
    await Promise.all(sent);
    expect(broker.sent.map(({ message: { id } }) => id)).toEqual(['other', 'a', 'b', 'c', 'd']);
  });

  it('fails the one send whose body cannot be kept, and lets its key go on', async () => {
    const store = memoryClaimStore();
    const { app, broker } = await make({
      claims: { store: { ...store, put: () => Promise.reject(new MessagingError('THROTTLED', 'slow down')) } },
      producers: [Lined],
    });
    await app.start();
    const { send } = app.producer(Lined);
    const failed = send(Blob, large(7), { id: 'large' });
    const fine = send(Blob, { id: 7, text: '' }, { id: 'small' });
    await expect(failed).rejects.toMatchObject({ code: 'THROTTLED', retryable: true, outcome: 'failed' });
    await fine;
    expect(broker.sent.map(({ message: { id } }) => id)).toEqual(['small']);
  });

  it('refuses what is larger than maxBytes, and the headers that it needs itself', async () => {
    const { app, store } = await make({ claims: { maxBytes: 4_500 }, producers: [Blobs] });
    await app.start();
    const { send } = app.producer(Blobs);
    await expect(send(Blob, large())).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: expect.stringContaining('maxBytes') as string,
    });
    for (const name of ['ExtendedPayloadSize', 'SQSLargePayloadSize'])
      await expect(send(Blob, SMALL, { headers: { [name]: '1' } })).rejects.toMatchObject({ code: 'INVALID' });
    expect(store.objects.size).toBe(0);
  });

  it('gives a send its timeout in all, and deletes what is written too late', async () => {
    const store = memoryClaimStore();
    const gate = held();
    const slow = {
      ...store,
      async put(...args: Parameters<typeof store.put>) {
        await gate.promise;
        return store.put(...args);
      },
    };
    const { app, clock, turn } = await make({ claims: { store: slow }, producers: [Blobs] });
    await app.start();
    const sent = app.producer(Blobs).send(Blob, large());
    const failed = expect(sent).rejects.toMatchObject({ code: 'TIMEOUT', outcome: 'failed' });
    await clock.advance(30_000);
    await failed;
    gate.resolve();
    await turn();
    await turn();
    expect(store.objects.size).toBe(0);
  });

  it('is given up by its caller', async () => {
    const store = memoryClaimStore();
    const { app } = await make({ claims: { store: { ...store, put: () => new Promise<never>(() => {}) } }, producers: [Blobs] });
    await app.start();
    const giveUp = new AbortController();
    const sent = app.producer(Blobs).send(Blob, large(), { signal: giveUp.signal });
    giveUp.abort(new Error('enough'));
    await expect(sent).rejects.toThrow('enough');
  });

  it('writes at most 16 bodies at one time', async () => {
    const store = memoryClaimStore();
    let now = 0;
    let most = 0;
    const counting = {
      ...store,
      async put(...args: Parameters<typeof store.put>) {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        return store.put(...args);
      },
    };
    const { app, broker } = await make({ claims: { store: counting }, producers: [Blobs] });
    await app.start();
    await app.producer(Blobs).sendAll(
      Blob,
      Array.from({ length: 50 }, (_, id) => large(id)),
    );
    expect([most, broker.sent.length]).toEqual([16, 50]);
  });

  it('is waited for when the app stops', async () => {
    const store = memoryClaimStore();
    const gate = held();
    let closed = 0;
    const slow = {
      ...store,
      async put(...args: Parameters<typeof store.put>) {
        await gate.promise;
        return store.put(...args);
      },
      close: async () => void closed++,
    };
    const { app, broker } = await make({ claims: { store: slow }, producers: [Blobs] });
    await app.start();
    const sent = app.producer(Blobs).send(Blob, large());
    const stopped = app.stop({ deadlineMs: 10_000 });
    gate.resolve();
    await sent;
    await stopped;
    expect([broker.sent.length, closed]).toEqual([1, 1]);
  });
});
