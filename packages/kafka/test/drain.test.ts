import { ACK, type Delivery, NONE, RELEASE, type Verdict, virtualClock } from '@omnibus/core/transport';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { heartbeats } from '../src/clients/platformatic/heartbeats.js';
import { DEFAULTS } from '../src/options.js';
import { openReceiver } from '../src/receiver.js';
import { channel, subscription, transport } from './broker.js';
import { FakeCluster } from './support/fake-client.js';

const DRAIN_MS = 5_000;

it('is refused with kafkajs, and where a group would not wait so long', () => {
  expect(() => transport({ drainMs: 5_000 })).toThrow(
    /drainMs \(5000\) .* client: kafkajs .* use client: platformatic, or leave/,
  );
  const long = { client: 'platformatic' as const, drainMs: 20_001, heartbeatMs: 5_000 };
  expect(() => transport(long)).toThrow(/drainMs \(20001\) may be 20000 at most: a group waits 30000 ms/);
  expect(() => transport({ ...long, drainMs: 20_000 })).not.toThrow();
});

/** A receiver of one partition with six messages, of which so many were handed out when the group gathers anew. */
async function gathering(handedOut: number, { types = ['note'], drainMs = DRAIN_MS } = {}) {
  const clock = virtualClock();
  const cluster = new FakeCluster(clock, 1, () => 1);
  cluster.waits = true;
  cluster.ends[0] = 6;
  cluster.committed[0] = 0;
  const opening = openReceiver({
    client: cluster.client,
    admin: cluster.admin,
    subscription: subscription(channel({ types }), { window: 4 }),
    options: { ...DEFAULTS, heartbeatMs: 10, drainMs },
    clientId: 'tests',
    clock,
  });
  await clock.advance(20);
  const receiver = await opening;
  const read = async (max: number): Promise<readonly Delivery[]> => {
    const aborting = new AbortController();
    const coming = receiver.receive(max, aborting.signal);
    await clock.advance(50);
    aborting.abort();
    return coming;
  };
  const held = handedOut === 0 ? [] : await read(handedOut);
  expect(held).toHaveLength(handedOut);
  cluster.rebalance();
  await clock.advance(100);
  const settle = async (batch: readonly Delivery[], verdict: Verdict) => {
    const settling = receiver.settle(batch, verdict);
    await clock.advance(50);
    return settling;
  };
  return { clock, cluster, receiver, read, held, settle };
}

const positionsOf = (deliveries: readonly Delivery[]) => deliveries.map(({ position }) => position);
const LOST = { error: { code: 'LOST' } };

describe('a receiver that drains when its group gathers anew', () => {
  it('hands out nothing more, and ends its lease when what was handed out is committed', async () => {
    const { cluster, read, held, settle } = await gathering(3);
    expect(await read(1)).toEqual([]);
    expect(await settle(held.slice(0, 2), ACK)).toBe(NONE);
    expect([cluster.committed[0], held[2]!.lease!.aborted]).toEqual([2, false]);
    expect(await settle(held.slice(2), ACK)).toBe(NONE);
    expect([cluster.committed[0], held[2]!.lease!.aborted]).toEqual([3, true]);
    expect(positionsOf(await read(6))).toEqual(['0:3', '0:4', '0:5']);
  });

  it('does not wait where nothing was handed out', async () => {
    expect(positionsOf(await (await gathering(0)).read(1))).toEqual(['0:0']);
  });

  it('ends the lease when its time is over: what is unsettled then comes again', async () => {
    const { clock, cluster, read, held, settle } = await gathering(3);
    expect(await settle(held.slice(0, 1), ACK)).toBe(NONE);
    await clock.advance(DRAIN_MS - 300);
    expect(held[1]!.lease!.aborted).toBe(false);
    await clock.advance(300);
    expect(held[1]!.lease!.aborted).toBe(true);
    expect(await settle(held.slice(1), ACK)).toMatchObject([LOST, LOST]);
    expect(cluster.committed[0]).toBe(1);
    expect(positionsOf(await read(6))).toEqual(['0:1', '0:2', '0:3', '0:4']); // the window
  });

  it('counts what is given back as settled, and hands it out after it has joined', async () => {
    const { cluster, read, held, settle } = await gathering(3);
    expect(await settle(held.slice(1), RELEASE)).toBe(NONE);
    expect(await read(1)).toEqual([]);
    expect(held[0]!.lease!.aborted).toBe(false);
    expect(await settle(held.slice(0, 1), ACK)).toBe(NONE);
    expect([cluster.committed[0], held[0]!.lease!.aborted]).toEqual([1, true]);
    expect(positionsOf(await read(2))).toEqual(['0:1', '0:2']);
  });

  it('waits for a commit that fails to be asked again', async () => {
    const { cluster, held, settle } = await gathering(1);
    cluster.commits.push('unsent');
    expect(await settle(held, ACK)).toMatchObject([{ error: { code: 'TIMEOUT' } }]);
    expect(held[0]!.lease!.aborted).toBe(false);
    expect(await settle(held, ACK)).toBe(NONE);
    expect([cluster.committed[0], held[0]!.lease!.aborted]).toEqual([1, true]);
  });

  it('moves nothing meanwhile, and says so', async () => {
    const { receiver, held } = await gathering(1);
    const moving = receiver.seek!('next');
    await expect(moving).rejects.toMatchObject({ code: 'LOST', message: expect.stringContaining('nothing was moved') });
    expect(held[0]!.lease!.aborted).toBe(false);
  });

  it('ends at once where it is closed, and leaves no timer', async () => {
    const { clock, receiver, held } = await gathering(1);
    const closing = receiver.close();
    await clock.advance(10);
    await closing;
    expect([held[0]!.lease!.aborted, clock.pending]).toEqual([true, 0]);
  });

  it('does not wait for what is parked: that is held until its time has come', async () => {
    const { held } = await gathering(1, { types: [] });
    expect(held[0]!.lease!.aborted).toBe(true);
  });

  it('hands out nothing twice, however often the group gathers, while each message is settled in time', async () => {
    const step = fc.record({ ms: fc.integer({ min: 0, max: 40 }), acks: fc.nat(4), rebalances: fc.boolean() });
    const twiceOf = async (steps: readonly { ms: number; acks: number; rebalances: boolean }[], drainMs: number) => {
      const { clock, cluster, receiver, read, settle } = await gathering(0, { drainMs });
      const seen: (string | undefined)[] = [];
      const held: Delivery[] = [];
      const took = async (): Promise<number> => {
        const came = await read(3);
        seen.push(...positionsOf(came));
        held.push(...came);
        return came.length;
      };
      for (const { ms, acks, rebalances } of steps) {
        if (cluster.ends[0]! - seen.length < 3) cluster.ends[0] = cluster.ends[0]! + 3;
        await took();
        if (rebalances) cluster.rebalance();
        await clock.advance(ms);
        const done = held.splice(0, acks);
        if (done.length > 0) await settle(done, ACK);
      }
      do if (held.length > 0) await settle(held.splice(0), ACK);
      while ((await took()) > 0 || cluster.committed[0]! < cluster.ends[0]!);
      const closing = receiver.close();
      await clock.advance(10);
      await closing;
      expect(new Set(seen).size).toBe(cluster.ends[0]);
      return seen.length - cluster.ends[0]!;
    };
    const steps = fc.array(step, { maxLength: 30, size: 'max' });
    await fc.assert(
      fc.asyncProperty(steps, async (each) => {
        expect(await twiceOf(each, 25_000)).toBe(0);
      }),
      { numRuns: 100 },
    );
    const one = { ms: 20, acks: 0, rebalances: true };
    expect(await twiceOf([one], 0)).toBe(3);
  });
});

describe('the heartbeats of a member that drains', () => {
  const TIMES = { heartbeatMs: 1_000, sessionTimeoutMs: 6_000 };
  const refused = (apiId: string) => Object.assign(new Error('refused'), { errors: [{ apiId }] });
  const begin = (beat: () => Promise<unknown>) => {
    vi.useFakeTimers();
    const told = { gone: vi.fn(), silent: vi.fn() };
    const end = heartbeats(TIMES, beat, told);
    /** How often each was called, and how many timers wait. */
    const seen = () => [told.gone.mock.calls.length, told.silent.mock.calls.length, vi.getTimerCount()];
    return { end, seen };
  };
  afterEach(() => {
    vi.useRealTimers();
  });

  it('go on while the group gathers, until they are ended', async () => {
    const beat = vi.fn(async () => Promise.reject(refused('REBALANCE_IN_PROGRESS')));
    const { end, seen } = begin(beat);
    await vi.advanceTimersByTimeAsync(20_500);
    expect([beat.mock.calls.length, seen()]).toEqual([20, [0, 0, 2]]);
    end();
    expect(seen()).toEqual([0, 0, 0]);
  });

  it.each(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', undefined])('say once that the member is gone at %s', async (apiId) => {
    const { seen } = begin(() => Promise.reject(apiId === undefined ? new Error('connection closed') : refused(apiId)));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(seen()).toEqual([1, 0, 0]);
  });

  it('say so where none is answered for the session timeout', async () => {
    const answers = [Promise.resolve()];
    const { seen } = begin(() => answers.shift() ?? new Promise(() => {}));
    await vi.advanceTimersByTimeAsync(6_999);
    expect(seen()).toEqual([0, 0, 1]);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen()).toEqual([0, 1, 0]);
  });

  it('are ended while one is under way, and say nothing then', async () => {
    let fail = (_: Error): void => {};
    const beat = () =>
      new Promise((_, reject) => {
        fail = reject;
      });
    const { end, seen } = begin(beat);
    await vi.advanceTimersByTimeAsync(1_000);
    end();
    fail(new Error('connection closed'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(seen()).toEqual([0, 0, 0]);
  });
});
