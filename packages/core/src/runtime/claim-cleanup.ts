import { OLD_SIZE_HEADER, pointerIn } from '../codec/pointer.js';
import { CLAIM_HEADER } from '../emulate/header-names.js';
import { wrapReceiver } from '../emulate/wrap.js';
import type { Delivery } from '../transport/message.js';
import type { Receiver } from '../transport/transport.js';
import type { Claims } from './claims.js';

/**
 * Deletes what a queue's message pointed to, once the broker has its ack. Stands around everything else, so that it sees what the
 * engine decides and not the acks that follow a copy: retries and dead letters keep their body, and so does what was handled
 * but whose ack was lost.
 *
 * Caveat: a duplicate that comes later finds nothing and is a dead letter, `claim-missing`; an idempotency store recognises it
 * before. A message that such a store acks, and a process that dies before the deletion, leave their body in the store.
 */
export function claimCleanup(inner: Receiver, claims: Claims): Receiver {
  const { cleanup } = claims.check;
  const mayGo = ({ headers }: Delivery): boolean =>
    cleanup === 'all' || headers[CLAIM_HEADER] === 'queue' || headers[OLD_SIZE_HEADER] !== undefined;
  return wrapReceiver(inner, {
    async settle(batch, verdict) {
      const failures = await inner.settle(batch, verdict);
      if (verdict.type !== 'ack') return failures;
      const failed = new Set(failures.map(({ index }) => index));
      for (const [index, delivery] of batch.entries()) {
        const pointer = failed.has(index) ? undefined : pointerIn(delivery);
        if (pointer !== undefined && mayGo(delivery)) claims.forget(pointer);
      }
      return failures;
    },
  });
}
