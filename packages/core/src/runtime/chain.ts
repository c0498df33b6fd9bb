import { packingSender, unpackingReceiver } from '../emulate/pack-headers.js';
import { rejectToDeadLetter } from '../emulate/reject-to-dead-letter.js';
import { retryByCopy } from '../emulate/retry-by-copy.js';
import { settleEach } from '../emulate/settle-each.js';
import type { Capabilities, Feature } from '../transport/capabilities.js';
import type { Clock } from '../transport/clock.js';
import type { Message } from '../transport/message.js';
import type { Receiver, Sender } from '../transport/transport.js';
import type { ConsumerSpec } from './specs.js';

/** The core's own way to send to a channel: resolves when the broker has it. */
export type Publish = (message: Message, signal?: AbortSignal) => Promise<void>;

export interface ReceiverChainOptions {
  readonly spec: ConsumerSpec;
  readonly capabilities: Capabilities;
  readonly emulated: (feature: Feature) => boolean;
  readonly clock: Clock;
  /** Sends to the dead-letter channel. */
  readonly bury: Publish | undefined;
  /** Sends a copy, with its delay, back to where the group's messages wait. */
  readonly again: Publish | undefined;
  readonly onStuck: (error: unknown) => void;
}

/** Puts around a broker's receiver what the rulings say, until the engine may believe that it is perfect. */
export function receiverChain(
  inner: Receiver,
  { spec, capabilities, emulated, clock, bury, again, onStuck }: ReceiverChainOptions,
): Receiver {
  let receiver = needsPacking(capabilities) ? unpackingReceiver(inner) : inner;
  if (emulated('settleEach'))
    receiver = settleEach(receiver, { window: spec.window, batch: capabilities.limits.settleBatch, clock });
  if (again !== undefined)
    receiver = retryByCopy(receiver, {
      publish: again,
      clock,
      maxDelayMs: spec.policy.maxMs,
      stepMs: Math.max(1, capabilities.limits.delayStepMs),
    });
  if (bury !== undefined && spec.deadLetter !== undefined) {
    receiver = rejectToDeadLetter(receiver, {
      publish: bury,
      deadLetter: spec.deadLetter.wire,
      channel: spec.channel.wire.name,
      group: spec.group,
      clock,
      onStuck,
    });
  }
  return receiver;
}

/** The same around a sender. */
export function senderChain(inner: Sender, capabilities: Capabilities): Sender {
  return needsPacking(capabilities) ? packingSender(inner, capabilities.limits) : inner;
}

/** Only what takes headers without end takes every name: a broker that bounds their bytes has names that it keeps for itself. */
const needsPacking = ({ limits: { headers } }: Capabilities): boolean =>
  headers.count !== Number.POSITIVE_INFINITY || headers.bytes !== Number.POSITIVE_INFINITY || !headers.empty;
