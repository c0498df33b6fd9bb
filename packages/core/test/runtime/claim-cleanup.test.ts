import { expect, it } from 'vitest';
import { pointerBody } from '../../src/codec/pointer.js';
import { claimCheck } from '../../src/runtime/claim-check.js';
import { claimCleanup } from '../../src/runtime/claim-cleanup.js';
import { Claims } from '../../src/runtime/claims.js';
import { silent } from '../../src/runtime/logger.js';
import { memoryClaimStore } from '../../src/runtime/memory-claim-store.js';
import { MessagingError } from '../../src/transport/errors.js';
import { ACK, RELEASE, type Verdict } from '../../src/transport/verdict.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { delivery, FakeReceiver } from './engine-fakes.js';

const verdicts: readonly Verdict[] = [RELEASE, { type: 'retry', delayMs: 0 }, { type: 'reject', reason: 'no' }];

it('deletes bodies after their ack, and only those whose ack the broker has', async () => {
  const store = memoryClaimStore();
  const clock = virtualClock();
  const claims = new Claims(claimCheck({ store }), clock, silent);
  const claimed = (key: string) =>
    delivery(key, {
      body: pointerBody({ bucket: 'memory', key }),
      headers: { ExtendedPayloadSize: '1', 'omnibus-claim': 'queue' },
    });
  const batch = [claimed('a'), delivery('plain'), claimed('b'), claimed('c')];
  for (const key of ['a', 'b', 'c']) store.objects.set(key, new Uint8Array());
  const inner = new FakeReceiver();
  const receiver = claimCleanup(inner, claims);
  for (const verdict of verdicts) await receiver.settle(batch, verdict);
  await clock.advance(0);
  expect([...store.objects.keys()]).toEqual(['a', 'b', 'c']);
  inner.onSettle = () => [{ index: 2, error: new MessagingError('LOST', 'too late') }];
  expect(await receiver.settle(batch, ACK)).toHaveLength(1);
  await clock.advance(0);
  expect([...store.objects.keys()]).toEqual(['b']);
  inner.onSettle = () => Promise.reject(new MessagingError('CONNECTION', 'gone'));
  await expect(receiver.settle(batch, ACK)).rejects.toThrow('gone');
  expect([...store.objects.keys()]).toEqual(['b']);
});
