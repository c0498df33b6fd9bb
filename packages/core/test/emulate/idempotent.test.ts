import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type IdempotencyStore, memoryStore } from '../../src/emulate/idempotency-store.js';
import { idempotent } from '../../src/emulate/idempotent.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Delivery } from '../../src/transport/message.js';
import { NONE } from '../../src/transport/transport.js';
import { ACK, RELEASE } from '../../src/transport/verdict.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { codes, deliveries, delivery, draw, fakeReceiver, never, settled } from './fakes.js';

function setUp(some: readonly Delivery[] = [], own?: IdempotencyStore) {
  const clock = virtualClock();
  const inner = fakeReceiver(...some);
  const store = own ?? memoryStore({ max: 100, ttlMs: 60_000, clock });
  const duplicates: Delivery[] = [];
  const health: (string | undefined)[] = [];
  const receiver = idempotent(inner, {
    store,
    clock,
    settleBatch: 10,
    onDuplicate: (one) => duplicates.push(one),
    onStuck: (error) => health.push(error?.message),
  });
  return { clock, inner, store, duplicates, health, receiver };
}
const receive = async (receiver: ReturnType<typeof setUp>['receiver'], max = 10): Promise<readonly Delivery[]> =>
  receiver.receive(max, never);
const ids = (some: readonly Delivery[]): string => some.map(({ id }) => id).join(',');

describe('idempotent', () => {
  test('acks and counts a message whose id was recorded, and hands out the others in order', async () => {
    const { inner, store, duplicates, receiver } = setUp(deliveries('a', 'b', 'c'));
    await store.record('b');
    expect(ids(await receive(receiver))).toBe('a,c');
    expect(inner.log).toEqual(['ack b']);
    expect(ids(duplicates)).toBe('b');
  });

  test('records an id after success, before the ack: a redelivery after a lost ack is not handled again', async () => {
    const { inner, store, receiver } = setUp(deliveries('a'));
    const batch = await receive(receiver);
    inner.answer = async () => {
      expect(await store.seen('a')).toBe(true);
      return [{ index: 0, error: new MessagingError('LOST', 'too late') }];
    };
    expect(codes(await receiver.settle(batch, ACK))).toEqual({ 0: 'LOST' });
    inner.answer = () => NONE;
    inner.give(...deliveries('a', 'b'));
    expect(ids(await receive(receiver))).toBe('b');
  });

  test('records nothing for any other verdict', async () => {
    const { inner, store, receiver } = setUp(deliveries('a', 'b', 'c'));
    const [a, b, c] = (await receive(receiver)) as [Delivery, Delivery, Delivery];
    await receiver.settle([a], RELEASE);
    await receiver.settle([b], { type: 'retry', delayMs: 5 });
    await receiver.settle([c], { type: 'reject', reason: 'no' });
    expect(inner.log).toEqual(['release a', 'retry 5 b', 'reject c']);
    expect(['a', 'b', 'c'].map((id) => store.seen(id))).toEqual([false, false, false]);
  });

  test('a duplicate of what is being handled waits, and is acked after its success', async () => {
    const { inner, duplicates, receiver } = setUp(deliveries('a', 'a'));
    const batch = await receive(receiver);
    expect(ids(batch)).toBe('a');
    inner.give(...deliveries('a', 'b'));
    expect(ids(await receive(receiver))).toBe('b');
    expect(inner.log).toEqual([]);
    await receiver.settle(batch, ACK);
    expect(inner.log).toEqual(['ack a', 'ack a,a']);
    expect(duplicates).toHaveLength(2);
  });

  test('its duplicates are acked even where its own ack throws', async () => {
    const { inner, receiver } = setUp(deliveries('a', 'a'));
    const batch = await receive(receiver);
    inner.answer = () => {
      inner.answer = () => NONE;
      throw new MessagingError('THROTTLED', 'slow down');
    };
    await expect(receiver.settle(batch, ACK)).rejects.toMatchObject({ code: 'THROTTLED' });
    expect(inner.log).toEqual(['ack a', 'ack a']);
  });

  test('a duplicate of what failed is handed out by the next receive', async () => {
    const { inner, duplicates, receiver } = setUp(deliveries('a', 'a'));
    const [first] = (await receive(receiver)) as [Delivery];
    inner.answer = () => [{ index: 0, error: new MessagingError('THROTTLED', 'slow down') }];
    await receiver.settle([first], RELEASE);
    inner.give(...deliveries('b'));
    expect(ids(await receive(receiver))).toBe('b');
    inner.answer = () => NONE;
    await receiver.settle([first], RELEASE);
    const [second] = (await receive(receiver)) as [Delivery];
    expect(second.id).toBe('a');
    expect(second).not.toBe(first);
    await receiver.settle([second], ACK);
    expect(inner.log).toEqual(['release a', 'release a', 'ack a']);
    expect(duplicates).toEqual([]);
  });

  test('when what was handed out is lost, its redelivery takes its place and the duplicates wait for that', async () => {
    const lease = new AbortController();
    const { inner, receiver } = setUp([delivery({ id: 'a', lease: lease.signal }), delivery({ id: 'a' })]);
    const first = await receive(receiver);
    lease.abort();
    inner.give(delivery({ id: 'a' }));
    const again = await receive(receiver);
    expect(ids(again)).toBe('a');
    await receiver.settle(first, RELEASE); // its handler ends late
    inner.give(...deliveries('b'));
    expect(ids(await receive(receiver))).toBe('b');
    await receiver.settle(again, ACK);
    expect(inner.log).toEqual(['release a', 'ack a', 'ack a']);
  });

  test('a duplicate of what is lost when the position is moved waits for it no more', async () => {
    const [lease, other] = [new AbortController(), new AbortController()];
    const first = delivery({ id: 'a', lease: lease.signal });
    const twin = delivery({ id: 'a', lease: other.signal });
    const { inner, store, clock } = setUp([first]);
    inner.seek = async () => {
      lease.abort();
      return ['0'];
    };
    const receiver = idempotent(inner, { store, clock, settleBatch: 10, onDuplicate: () => {}, onStuck: () => {} });
    expect(await receive(receiver)).toEqual([first]);
    inner.give(twin);
    expect(await receive(receiver)).toEqual([]);
    expect(await receiver.seek?.('first')).toEqual(['0']);
    expect(await receive(receiver)).toEqual([twin]);
    await receiver.settle([twin], ACK);
    expect(inner.log).toEqual(['ack a']);
  });

  test('what was lost does not stay in memory for ever, nor what waited for it', async () => {
    const [lease, other] = [new AbortController(), new AbortController()];
    const many = Array.from({ length: 1_024 }, (_, index) => delivery({ id: `lost ${index}`, lease: lease.signal }));
    const twin = delivery({ id: 'lost 0', lease: other.signal });
    const { inner, receiver } = setUp([...many, twin]);
    expect(await receive(receiver, 2_000)).toEqual(many);
    lease.abort();
    inner.give(delivery({ id: 'next' }));
    expect(ids(await receive(receiver))).toBe('next');
    expect(await receive(receiver)).toEqual([twin]);
  });

  test('a duplicate that was lost while it waited is forgotten', async () => {
    const { clock, inner, receiver } = setUp([delivery({ id: 'a' }), delivery({ id: 'a', lockedUntil: 1_000 })]);
    const first = await receive(receiver);
    await clock.advance(1_000);
    await receiver.settle(first, RELEASE);
    expect(await receive(receiver)).toEqual([]);
    inner.give(...deliveries('b'));
    expect(ids(await receive(receiver))).toBe('b');
  });

  test('messages without an id are never taken for one another', async () => {
    const { inner, store, receiver } = setUp(deliveries('', ''));
    const batch = await receive(receiver);
    expect(batch).toHaveLength(2);
    await receiver.settle(batch, ACK);
    expect(store.seen('')).toBe(false);
    expect(inner.log).toEqual(['ack ,']);
  });

  test('does not hold duplicates without bound: beyond 1,000 they are handed out', async () => {
    const { receiver } = setUp(Array.from({ length: 1_003 }, () => delivery({ id: 'a' })));
    expect(await receive(receiver, 2_000)).toHaveLength(3);
  });

  test('while the store cannot be asked nothing is handed out; what was received is judged once it answers', async () => {
    let down = true;
    const seen = async (id: string): Promise<boolean> => {
      if (down) throw new Error('no route to host');
      return id === 'b';
    };
    const { clock, inner, health, receiver } = setUp(deliveries('a', 'a', 'b'), { seen, record: () => {} });
    const first = receive(receiver);
    await clock.advance(999);
    const early = await Promise.race([first, settled()]);
    expect(early).toBeUndefined();
    await clock.advance(1);
    expect(await first).toEqual([]);
    expect(health).toEqual(['The idempotency store failed: no route to host. Messages wait until it answers.']);
    down = false;
    expect(ids(await receive(receiver))).toBe('a');
    expect(inner.log).toEqual(['ack b']);
    expect(health).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  test('an id that cannot be recorded is not acked: it fails as retryable after a pause', async () => {
    let down = true;
    const record = (): void => {
      if (down) throw new Error('disk full');
    };
    const { clock, inner, receiver } = setUp(deliveries('a'), { seen: () => false, record });
    const batch = await receive(receiver);
    const settle = receiver.settle(batch, ACK);
    await clock.advance(1_000);
    expect(await settle).toMatchObject([{ index: 0, error: { code: 'TIMEOUT', retryable: true } }]);
    expect(inner.log).toEqual([]);
    down = false;
    expect(await receiver.settle(batch, ACK)).toBe(NONE);
    expect(inner.log).toEqual(['ack a']);
  });

  test('close ends a pause and closes the inner receiver; an aborted receive is passed on', async () => {
    const { clock, inner, receiver } = setUp(deliveries('a'), {
      seen: () => Promise.reject(new Error('away')),
      record: () => {},
    });
    const first = receive(receiver);
    await settled();
    await receiver.close();
    expect(await first).toEqual([]);
    expect(inner.closed).toBe(1);
    expect(clock.pending).toBe(0);
    await receiver.receive(1, AbortSignal.abort());
    expect(inner.asked).toHaveLength(2);
  });

  test('for any duplicates, failures and lost acks: every id succeeds, and none is handled again after its success', async () => {
    const plan = fc.record({
      wire: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 40 }),
      sizes: fc.infiniteStream(fc.integer({ min: 1, max: 6 })),
      outcomes: fc.infiniteStream(fc.constantFrom('ack', 'ack', 'release', 'lost ack')),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ wire, sizes, outcomes }) => {
        const { inner, receiver } = setUp(wire.map((id) => delivery({ id: String(id) })));
        let unsettled = wire.length;
        let fate = 'ack';
        inner.answer = (batch, { type }) => {
          if (type === 'ack' && fate !== 'lost ack') unsettled -= batch.length;
          else inner.waiting.push(...batch.map(({ id }) => delivery({ id }))); // it comes again
          return fate === 'lost ack' ? batch.map((_, index) => ({ index, error: new MessagingError('LOST', 'too late') })) : NONE;
        };
        const succeeded = new Set<string>();
        const running: Delivery[] = [];
        while (unsettled > 0) {
          if (running.length === 0 || (inner.waiting.length > 0 && running.length < 6)) {
            fate = 'ack'; // acks of duplicates arrive
            running.push(...(await receiver.receive(draw(sizes), never)));
            continue;
          }
          const one = running.shift() as Delivery;
          fate = draw(outcomes);
          if (fate === 'release') await receiver.settle([one], RELEASE);
          else {
            expect(succeeded.has(one.id)).toBe(false);
            succeeded.add(one.id);
            await receiver.settle([one], ACK);
          }
        }
        expect(succeeded.size).toBe(new Set(wire).size);
      }),
      { numRuns: 200 },
    );
  });
});

describe('memoryStore', () => {
  test('remembers an id for its time', async () => {
    const clock = virtualClock();
    const store = memoryStore({ max: 10, ttlMs: 1_000, clock });
    expect(store.seen('a')).toBe(false);
    store.record('a');
    await clock.advance(999);
    expect(store.seen('a')).toBe(true);
    await clock.advance(1);
    expect(store.seen('a')).toBe(false);
  });

  test('keeps no more than its maximum, the oldest going first, and no id twice', () => {
    const store = memoryStore({ max: 2, ttlMs: 1_000, clock: virtualClock() });
    for (const id of ['a', 'b', 'a', 'c']) store.record(id);
    expect(['a', 'b', 'c'].map((id) => store.seen(id))).toEqual([true, false, true]);
    expect(store.size).toBe(2);
  });

  test('lets go of what has expired', async () => {
    const clock = virtualClock();
    const store = memoryStore({ max: 10, ttlMs: 1_000, clock });
    for (const id of ['a', 'b']) store.record(id);
    await clock.advance(1_000);
    store.record('c');
    expect(store.size).toBe(1);
  });
});
