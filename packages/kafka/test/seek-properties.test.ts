import { ACK, type Delivery, isMessagingError, type Receiver, virtualClock } from '@omnibus/core/transport';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DEFAULTS } from '../src/options.js';
import { openReceiver } from '../src/receiver.js';
import { channel, subscription } from './broker.js';
import { FakeCluster } from './support/fake-client.js';

const PARTITIONS = 2;
const partition = fc.nat(PARTITIONS - 1);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), partition, count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('receive' as const), max: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('ack' as const),
      partition,
      count: fc.integer({ min: 1, max: 5 }),
      waits: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('seek' as const),
      to: fc.array(fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }), {
        minLength: PARTITIONS,
        maxLength: PARTITIONS,
      }),
      /** The group rebalances so many ms later. */
      rebalanceMs: fc.option(fc.nat(8), { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rebalance' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('fail' as const), how: fc.constantFrom('unsent' as const, 'unanswered' as const) }),
  },
);

it('whatever is moved, and when: what is read begins where the group stands or before, and has no gap', async () => {
  const scenario = fc.record({
    isNew: fc.boolean(),
    window: fc.integer({ min: 1, max: 6 }),
    latencies: fc.infiniteStream(fc.integer({ min: 1, max: 3 })),
    steps: fc.array(step, { maxLength: 40, size: 'max' }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ isNew, window, latencies, steps }) => {
      const clock = virtualClock();
      const cluster = new FakeCluster(clock, PARTITIONS, () => latencies.next().value as number);
      if (!isNew) cluster.committed.fill(0);
      const notes = channel();
      const open = async (): Promise<Receiver> => {
        const opening = openReceiver({
          client: cluster.client,
          admin: cluster.admin,
          subscription: subscription(notes, { window }),
          options: { ...DEFAULTS, heartbeatMs: 2 },
          clientId: 'tests',
          clock,
        });
        await clock.advance(60);
        return opening;
      };
      let receiver = await open();
      /** By partition: what is unsettled, in order, and what comes next under that lease. */
      const held: Delivery[][] = cluster.ends.map(() => []);
      const next = new Map<AbortSignal, number[]>();
      const reopen = async (): Promise<void> => {
        const closing = receiver.close();
        await clock.advance(60);
        await closing;
        receiver = await open();
      };
      const receive = async (max: number): Promise<number> => {
        const aborting = new AbortController();
        const coming = receiver.receive(max, aborting.signal).catch((error: unknown) => error);
        await clock.advance(8);
        aborting.abort();
        const came = await coming;
        if (isMessagingError(came)) {
          await reopen();
          return 0;
        }
        for (const delivery of came as readonly Delivery[]) {
          const [in_, offset] = delivery.position!.split(':').map(Number) as [number, number];
          const of = next.get(delivery.lease!) ?? cluster.ends.map(() => -1);
          next.set(delivery.lease!, of);
          if (delivery.lease!.aborted) continue;
          if (of[in_] === -1)
            expect(offset, `${delivery.position} begins`).toBeLessThanOrEqual(Math.max(0, cluster.committed[in_]!));
          else expect(offset, `${delivery.position} follows`).toBe(of[in_]);
          of[in_] = offset + 1;
          held[in_] = [...held[in_]!.filter(({ lease }) => !lease!.aborted), delivery];
        }
        return (came as readonly Delivery[]).length;
      };
      const settle = async (of: number, batch: readonly Delivery[]): Promise<void> => {
        const failures = await receiver.settle(batch, ACK);
        if (failures.length > 0 && failures.every(({ error }) => error.code !== 'LOST')) held[of]!.unshift(...batch);
      };
      const settling: Promise<void>[] = [];
      const ack = async (of: number, count: number, waits = true): Promise<void> => {
        const batch = held[of]!.splice(0, count);
        if (batch.length > 0) settling.push(settle(of, batch));
        if (!waits) return;
        await clock.advance(20);
        await Promise.all(settling.splice(0));
      };
      for (const each of steps) {
        if (each.do === 'send') cluster.ends[each.partition] = cluster.ends[each.partition]! + each.count;
        else if (each.do === 'receive') await receive(each.max);
        else if (each.do === 'ack') await ack(each.partition, each.count, each.waits);
        else if (each.do === 'wait') await clock.advance(each.ms);
        else if (each.do === 'rebalance') cluster.rebalance();
        else if (each.do === 'fail') cluster.commits.push(each.how);
        else {
          const to = new Map(
            each.to.flatMap((share, of) => (share === undefined ? [] : [[of, Math.floor(share * cluster.ends[of]!)]])),
          );
          if (to.size === 0) continue;
          const moving = receiver.seek!({ position: [...to].map(([of, offset]) => `${of}:${offset}`).join() }).catch(
            (error: unknown) => error,
          );
          await clock.advance(each.rebalanceMs ?? 0);
          if (each.rebalanceMs !== undefined) cluster.rebalance();
          await clock.advance(60);
          const moved = await moving;
          if (isMessagingError(moved)) {
            expect(['LOST', 'CONNECTION', 'TIMEOUT']).toContain(moved.code);
            if (moved.code !== 'LOST') await reopen();
          } else for (const [of, offset] of to) expect(cluster.committed[of]).toBe(offset);
        }
      }
      cluster.commits.length = 0;
      await clock.advance(60);
      for (let idle = 0; idle < 3; ) {
        idle = (await receive(5)) === 0 ? idle + 1 : 0;
        for (const of of cluster.ends.keys()) await ack(of, 100);
      }
      expect(cluster.committed.map((offset) => Math.max(0, offset))).toEqual(cluster.ends);
      const closing = receiver.close();
      await clock.advance(60);
      await closing;
    }),
    { numRuns: 300 },
  );
});

/** A receiver of one partition with five messages, of which the first is held; heartbeats say nothing for long. */
async function holding() {
  const clock = virtualClock();
  const slow = { commit: 1, positions: 1 };
  const cluster = new FakeCluster(clock, 1, (call) => (call === undefined ? 1 : slow[call]));
  cluster.ends[0] = 5;
  cluster.committed[0] = 0; // the group is there already
  const opening = openReceiver({
    client: cluster.client,
    admin: cluster.admin,
    subscription: subscription(channel(), { window: 1 }),
    options: { ...DEFAULTS, heartbeatMs: 1_000 },
    clientId: 'tests',
    clock,
  });
  await clock.advance(20);
  const receiver = await opening;
  const read = async (): Promise<readonly (string | undefined)[]> => {
    const coming = receiver.receive(1, new AbortController().signal);
    await clock.advance(50);
    return (await coming).map(({ position }) => position);
  };
  expect(await read()).toEqual(['0:0']);
  await clock.advance(5);
  return { clock, cluster, receiver, slow, read };
}

const ending = (moving: Promise<unknown>): Promise<unknown> => moving.catch((error: unknown) => error);

it('skips nothing where the group rebalances before the new position is stored', async () => {
  const { clock, cluster, receiver, slow, read } = await holding();
  slow.commit = 20;
  cluster.rebalance();
  const moving = ending(receiver.seek!('next'));
  await clock.advance(50);
  expect(await moving).toMatchObject({ code: 'LOST', message: expect.stringContaining('may have been moved, or not') });
  expect(cluster.committed).toEqual([0]);
  expect(await read()).toEqual(['0:0']);
});

it('reads on where it is moved while a join still looks where the group stands', async () => {
  const { clock, cluster, receiver, slow, read } = await holding();
  const first = ending(receiver.seek!({ position: '0:1' }));
  await clock.advance(20);
  expect(await first).toEqual(['0']);
  expect(await read()).toEqual(['0:1']);
  slow.positions = 500;
  cluster.rebalance();
  await clock.advance(1_010);
  const second = ending(receiver.seek!({ position: '0:3' }));
  await clock.advance(600);
  expect(await second).toEqual(['0']);
  expect(await read()).toEqual(['0:3']);
});
