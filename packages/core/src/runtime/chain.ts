import { idempotent } from '../emulate/idempotent.js';
import type { OnStuck } from '../emulate/insist.js';
import { packingSender, unpackingReceiver } from '../emulate/pack-headers.js';
import { rejectToDeadLetter } from '../emulate/reject-to-dead-letter.js';
import { retryByCopy } from '../emulate/retry-by-copy.js';
import { settleEach } from '../emulate/settle-each.js';
import { structuredReceiver, structuredSender } from '../emulate/structured.js';
import type { Capabilities, Feature } from '../transport/capabilities.js';
import type { Clock } from '../transport/clock.js';
import type { Message } from '../transport/message.js';
import type { Receiver, Sender } from '../transport/transport.js';
import { claimCleanup } from './claim-cleanup.js';
import type { Claims } from './claims.js';
import { extremes } from './retry-policy.js';
import type { ConsumerSpec } from './specs.js';
import type { ConsumerStats } from './stats.js';

/** The core's own way to send to a channel: resolves when the broker has it. */
export type Publish = (message: Message, signal?: AbortSignal) => Promise<void>;

export interface ReceiverChainOptions {
  readonly spec: ConsumerSpec;
  readonly capabilities: Capabilities;
  readonly emulated: (feature: Feature) => boolean;
  readonly clock: Clock;
  readonly stats: ConsumerStats;
  /** Sends to the dead-letter channel. */
  readonly bury: Publish | undefined;
  /** Sends a copy, with its delay, back to where the group's messages wait. */
  readonly again: Publish | undefined;
  readonly claims: Claims | undefined;
  /** Where a wrapper says that it is stuck, and that it is no more. */
  readonly onStuck: (what: string) => OnStuck;
}

/** Puts around a broker's receiver what the rulings say, until the engine may believe that it is perfect. */
export function receiverChain(inner: Receiver, o: ReceiverChainOptions): Receiver {
  const { spec, capabilities, emulated, clock, stats, bury, again, claims, onStuck } = o;
  const { limits } = capabilities;
  let receiver = readable(inner, capabilities);
  if (emulated('settleEach'))
    receiver = settleEach(receiver, { window: logWindow(spec.window), batch: limits.settleBatch, clock });
  if (again !== undefined)
    receiver = retryByCopy(receiver, {
      publish: again,
      clock,
      maxDelayMs: extremes(spec.policy).maxMs,
      stepMs: Math.max(1, limits.delayStepMs),
    });
  if (bury !== undefined && spec.deadLetter !== undefined) {
    receiver = rejectToDeadLetter(receiver, {
      publish: bury,
      deadLetter: spec.deadLetter.wire,
      channel: spec.channel.wire.name,
      group: spec.group,
      clock,
      onStuck: onStuck('messages wait for their dead-letter channel'),
    });
  }
  if (spec.idempotency !== undefined) {
    receiver = idempotent(receiver, {
      store: spec.idempotency.store,
      clock,
      settleBatch: limits.settleBatch,
      onDuplicate: () => void stats.duplicates++,
      onStuck: onStuck('messages wait for the idempotency store'),
    });
  }
  const cleans = claims !== undefined && claims.check.cleanup !== 'none' && spec.channel.wire.kind === 'queue';
  return cleans ? claimCleanup(receiver, claims) : receiver;
}

/** The same around a sender. */
export function senderChain(inner: Sender, capabilities: Capabilities): Sender {
  const how = carrying(capabilities);
  if (how === 'native') return inner;
  return how === 'packed' ? packingSender(inner, capabilities.limits) : structuredSender(inner);
}

/** A receiver whose messages are as they were sent. */
export function readable(inner: Receiver, capabilities: Capabilities): Receiver {
  const how = carrying(capabilities);
  if (how === 'native') return inner;
  return how === 'packed' ? unpackingReceiver(inner) : structuredReceiver(inner);
}

/**
 * How headers travel: as the broker's own, some of them packed into one, or inside the body. Only what takes headers without end
 * takes every name: a broker that bounds their bytes has names that it keeps for itself.
 */
export function carrying({ native, limits: { headers } }: Capabilities): 'native' | 'packed' | 'structured' {
  if (native.headers === undefined) return 'structured';
  return headers.count === Number.POSITIVE_INFINITY && headers.bytes === Number.POSITIVE_INFINITY && headers.empty
    ? 'native'
    : 'packed';
}

const MOST_UNCOMMITTED = 16_384;

/**
 * Messages of a log that may be received and not committed: so many more than the engine holds, because one slow message
 * holds back the commit of all that are done behind it, and those behind it should go on being handled.
 */
export const logWindow = (window: number): number => Math.max(window, Math.min(16 * window, MOST_UNCOMMITTED));
