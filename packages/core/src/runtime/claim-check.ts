import { MessagingError } from '../transport/errors.js';
import type { ClaimStore } from './claim-store.js';

/** How large messages travel. */
export interface ClaimCheckOptions {
  /** Where their bodies are kept: `s3Store(...)` of @omnibus/s3. Every app that shares a channel needs the same one. */
  readonly store: ClaimStore;
  /**
   * Messages over this go to the store: bytes of body and headers together. Default 262,144, as in the SQS Extended Client. Where a
   * broker takes less, what it takes counts. 0 = all.
   */
  readonly thresholdBytes?: number | undefined;
  /**
   * Largest body, in bytes, that is sent or fetched; default 64 MiB. A consumer holds up to its concurrency (in batches: times the
   * batch) of them in memory, never its window.
   */
  readonly maxBytes?: number | undefined;
  /** Ms that one fetch or deletion may take; default 30,000. A write has the `sendTimeoutMs` of its message. */
  readonly timeoutMs?: number | undefined;
  /**
   * What is deleted from the store after a queue's message was handled and acknowledged. `own` (the default): what nobody else
   * can need, that is what Omnibus sent to a queue, and what the SQS Extended Client sent under its own header. `all`: also what
   * others sent under `ExtendedPayloadSize`, which the SNS Extended Client writes too: then no topic may feed the queue. `none`:
   * nothing. The groups of a topic never delete anything.
   */
  readonly cleanup?: 'own' | 'all' | 'none' | undefined;
  /** Only on these transports, by their names in the configuration; default: all. */
  readonly transports?: readonly string[] | undefined;
  /** Only messages to these channels are kept, by name, and replies; default: all. Pointers are followed on every channel. */
  readonly channels?: readonly string[] | undefined;
}

/** Made by `claimCheck`, for `createApp({ claimCheck })`. */
export interface ClaimCheck extends Pick<ClaimCheckOptions, 'store' | 'transports' | 'channels'> {
  readonly thresholdBytes: number;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly cleanup: 'own' | 'all' | 'none';
}

/**
 * Lets messages be larger than their broker takes, on every transport: the body goes to a store first, and a pointer to it travels
 * instead, in the form of the SQS and SNS Extended Clients.
 * @throws MessagingError CONFIG for values that cannot be meant.
 */
export function claimCheck(options: ClaimCheckOptions): ClaimCheck {
  const { store, thresholdBytes = 262_144, maxBytes = 64 * 1_024 * 1_024, timeoutMs = 30_000, cleanup = 'own' } = options;
  const { transports, channels } = options;
  const refuse = (what: string): never => {
    throw new MessagingError('CONFIG', `claimCheck: ${what}`);
  };
  if (!(thresholdBytes >= 0)) refuse(`thresholdBytes is ${thresholdBytes}; it must be a number of bytes, 0 or more`);
  if (!(maxBytes >= 1)) refuse(`maxBytes is ${maxBytes}; it must be a number of bytes, 1 or more`);
  if (!(timeoutMs > 0 && timeoutMs <= 2_147_483_647))
    refuse(`timeoutMs is ${timeoutMs}; it must be over 0, and at most 2147483647`);
  return Object.freeze({ store, thresholdBytes, maxBytes, timeoutMs, cleanup, transports, channels });
}
