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
