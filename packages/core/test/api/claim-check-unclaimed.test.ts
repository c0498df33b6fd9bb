import { describe, expect, it } from 'vitest';
import { readDeadHeader } from '../../src/codec/dead-letter-header.js';
import { memoryClaimStore } from '../../src/runtime/memory-claim-store.js';
import { exponential } from '../../src/runtime/retry-policy.js';
import { MessagingError } from '../../src/transport/errors.js';
import { Blob, Blobs, large, make } from './claim-fixture.js';

/** A broker that retries by copies. */
const COPIES = { without: ['retry', 'retryDelay'] } as const;

describe('a message whose body cannot be had', () => {
  it('makes a dead letter with its reason of a message whose body is gone', async () => {
    const { app, broker, store, turn } = await make();
    let runs = 0;
    app.consumer(Blobs).handle(Blob, () => void runs++);
    await app.start();
    await app.pause(Blobs);
    await app.producer(Blobs).send(Blob, large());
    store.objects.clear();
    await app.resume(Blobs);
    await turn();
    expect([runs, app.stats.consumers['blobs']!.retried]).toEqual([0, 0]);
    expect(readDeadHeader(broker.queue('blobs.dead')[0]!.headers)).toMatchObject({
      reason: 'claim-missing',
      attempts: 1,
      error: expect.stringContaining('there is no object') as string,
    });
  });

  it('is told from others that cannot be read, where the app has no claim check', async () => {
    const { app, broker, turn } = await make({ claims: { transports: ['two'] } });
    const other = await make({ on: { broker } });
    app.consumer(Blobs).handle(Blob, () => {});
    await app.start();
    await other.app.start();
    await other.app.producer(Blobs).send(Blob, large());
    await turn();
    const { error } = readDeadHeader(broker.queue('blobs.dead')[0]!.headers)!;
    expect(error).toMatch(/^The body is a pointer .* claimCheck .*"blob" as received/);
  });

  it.each([
    ['TOO_LARGE', 'claim-too-large', 1],
    ['INVALID', 'claim-refused', 1],
    ['DENIED', 'claim-denied', 3],
    ['CONNECTION', 'attempts', 3],
  ] as const)('where the store says %s it dies as %s, after %i attempts', async (code, reason, attempts) => {
    const store = memoryClaimStore();
    let asked = 0;
    const broken = {
      ...store,
      get: async () => {
        asked++;
        throw new MessagingError(code, 'the store says why');
      },
    };
    const { app, broker, clock } = await make({ claims: { store: broken }, on: COPIES });
    app.consumer(Blobs, { retry: exponential({ attempts: 3, firstMs: 10 }) }).handle(Blob, () => {});
    await app.start();
    await app.producer(Blobs).send(Blob, large());
    await clock.advance(1_000);
    await clock.advance(0);
    expect(asked).toBe(attempts);
    expect(readDeadHeader(broker.queue('blobs.dead')[0]!.headers)).toMatchObject({
      reason,
      attempts,
      error: expect.stringContaining('the store says why') as string,
    });
    expect(store.objects.size).toBe(1);
  });

  it('asks no store for what is said to be too large, and takes no more than that from a store that lies', async () => {
    const store = memoryClaimStore();
    const asked: string[] = [];
    const lying = {
      ...store,
      get: async ({ key }: { key: string }) => {
        asked.push(key);
        return new Uint8Array(6_001);
      },
    };
    const { app, broker, turn } = await make({ claims: { store: lying, maxBytes: 6_000 } });
    app.consumer(Blobs).handle(Blob, () => {});
    await app.start();
    await app.pause(Blobs);
    await app.producer(Blobs).send(Blob, large(1));
    await app.producer(Blobs).send(Blob, large(2));
    const [one, two] = broker.queue('blobs');
    one!.headers = { ...one!.headers, ExtendedPayloadSize: '6001' };
    await app.resume(Blobs);
    await turn();
    for (const { headers } of broker.queue('blobs.dead'))
      expect(readDeadHeader(headers)).toMatchObject({ reason: 'claim-too-large' });
    expect(broker.queue('blobs.dead').map(({ id }) => id)).toEqual([one!.id, two!.id]);
    expect(asked).toEqual([[...store.objects.keys()][1]]);
  });

  it('gives a fetch its time, and retries', async () => {
    const store = memoryClaimStore();
    let asked = 0;
    const signals: AbortSignal[] = [];
    const slow = {
      ...store,
      get: (...args: Parameters<typeof store.get>) => {
        signals.push(args[1].signal);
        return asked++ === 0 ? new Promise<never>(() => {}) : store.get(...args);
      },
    };
    const { app, clock } = await make({ claims: { store: slow, timeoutMs: 2_000 }, on: COPIES });
    const got: unknown[] = [];
    app
      .consumer(Blobs, { retry: exponential({ firstMs: 10, jitter: 'none' }) })
      .handle(Blob, (payload) => void got.push(payload));
    await app.start();
    await app.producer(Blobs).send(Blob, large());
    await clock.advance(1_999);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    await clock.advance(1);
    expect(signals[0]!.aborted).toBe(true);
    await clock.advance(10);
    expect(got).toEqual([large()]);
  });

  it('stops a fetch with the handler timeout, and when the app stops', async () => {
    const store = memoryClaimStore();
    const signals: AbortSignal[] = [];
    const stuck = {
      ...store,
      get: (_: unknown, { signal }: { signal: AbortSignal }) => {
        signals.push(signal);
        return new Promise<never>(() => {});
      },
    };
    const { app, clock } = await make({ claims: { store: stuck }, on: COPIES });
    app.consumer(Blobs, { retry: exponential({ firstMs: 10, jitter: 'none' }), handlerTimeoutMs: 100 }).handle(Blob, () => {});
    await app.start();
    await app.producer(Blobs).send(Blob, large());
    await clock.advance(110);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(app.stats.consumers['blobs']).toMatchObject({ retried: 1, running: 1 });
    const stopped = app.stop({ deadlineMs: 0 });
    await clock.advance(0);
    await stopped;
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});
