import { setImmediate as turn } from 'node:timers/promises';
import type { Subscription } from '@omnibus/core/transport';
import { expect, it } from 'vitest';
import type { LogAdmin, LogConsumer } from '../src/client.js';
import { place } from '../src/placing.js';

/** A new group on partition 0, whose positions cannot be read any more once it has joined. */
async function joined(isOurs: boolean): Promise<readonly unknown[]> {
  let isBroken = false;
  const admin = {
    async fetchOffsets() {
      if (isBroken) throw new Error('no coordinator');
      return [{ topic: 'orders', partitions: [{ partition: 0, offset: '-1' }] }];
    },
    fetchTopicOffsets: async () => [{ partition: 0, offset: '0', low: '0', high: '0' }],
  };
  const consumer = { pause() {}, resume() {}, seek() {}, commit: async () => {} };
  const subscription = { group: 'shipping', from: 'first' } as Subscription;
  const placed = place({
    admin: admin as unknown as LogAdmin,
    consumer: consumer as unknown as LogConsumer,
    subscription,
    topic: 'orders',
    groupId: 'orders.shipping',
  });
  await placed.prepare();
  isBroken = true;
  const failures: unknown[] = [];
  placed.joined(
    [0],
    () => isOurs,
    (error) => failures.push(error),
  );
  await placed.done().catch(() => undefined);
  await turn();
  return failures;
}

it('a partition whose position cannot be set is told, as it would stay unread; one that is taken away meanwhile is not', async () => {
  expect(await joined(true)).toEqual([new Error('no coordinator')]);
  expect(await joined(false)).toEqual([]);
});

it('looks where the group stands at each join, once the client was told to read a partition from elsewhere', async () => {
  const calls: string[] = [];
  const admin = {
    fetchOffsets: async () => [{ topic: 'orders', partitions: [0, 1].map((partition) => ({ partition, offset: '5' })) }],
  };
  const consumer = {
    pause: (partitions: readonly number[]) => calls.push(`pause ${partitions.join()}`),
    resume: (partitions: readonly number[]) => calls.push(`resume ${partitions.join()}`),
    seek: (partition: number, offset: string) => calls.push(`seek ${partition} to ${offset}`),
    commit: async () => calls.push('commit'),
  };
  const placed = place({
    admin: admin as unknown as LogAdmin,
    consumer: consumer as unknown as LogConsumer,
    subscription: { group: 'shipping', from: 'first' } as Subscription,
    topic: 'orders',
    groupId: 'orders.shipping',
  });
  const join = async (): Promise<void> => {
    placed.joined(
      [0, 1],
      () => true,
      () => undefined,
    );
    await placed.done();
  };
  await placed.prepare();
  await join();
  expect(calls).toEqual([]);
  placed.told(1);
  await join();
  expect(calls).toEqual(['pause 1', 'seek 1 to 5', 'resume 1']);
});
