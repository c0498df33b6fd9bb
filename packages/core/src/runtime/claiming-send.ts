import { type ClaimPointer, OLD_SIZE_HEADER, pointerBody, SIZE_HEADER } from '../codec/pointer.js';
import { CLAIM_HEADER } from '../emulate/header-names.js';
import type { Limits } from '../transport/capabilities.js';
import type { Channel } from '../transport/channel.js';
import type { Clock } from '../transport/clock.js';
import { isMessagingError, MessagingError, textOf } from '../transport/errors.js';
import type { Message } from '../transport/message.js';
import type { Transport } from '../transport/transport.js';
import type { Publish } from './chain.js';
import type { Claims } from './claims.js';
import type { EngineOptions } from './engine-options.js';
import { linked } from './linked.js';
import { exactBytes, largestBytes } from './message-size.js';

interface ClaimingSendOptions {
  readonly claims: Claims;
  readonly publish: Publish;
  readonly channel: Channel;
  readonly limits: Limits;
  readonly clock: Clock;
  /** Ms from `send` to its end, the write to the store included. */
  readonly sendTimeoutMs: number;
}

/** Bytes that every message leaves free for its dead letter. */
const RESERVED = 4_096;

/**
 * Sends large messages as pointers: the body is kept once, before the message leaves, and the message that is sent again after a
 * failure is the same one. On an ordered channel what follows of its key waits. The body is deleted again where the message has
 * surely not arrived; where that is unknown it stays.
 */
function claimingSend({ claims, publish, channel, limits, clock, sendTimeoutMs }: ClaimingSendOptions): Publish {
  const threshold = Math.min(claims.check.thresholdBytes, limits.sendBytes - RESERVED);
  const lines = new Map<string, Promise<void>>(); // by key: resolves when what was sent last has been handed on

  const isLarge = (message: Message): boolean => largestBytes(message) > threshold && exactBytes(message) > threshold;

  /** Keeps it where it is large, waits for what was before it, hands it on. */
  async function send(
    message: Message,
    before: Promise<void> | undefined,
    handed: () => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const until = linked(signal);
    let isLate = false;
    const expire = (): void => {
      isLate = !until.signal.aborted;
      until.abort(undefined);
    };
    const timer = clock.timer(sendTimeoutMs, expire, 'ref');
    let pointer: ClaimPointer | undefined;
    try {
      if (isLarge(message)) pointer = await claims.put(message.body, message.contentType, until.signal);
      await before;
      const sent = publish(pointer === undefined ? message : pointing(message, pointer, channel), until.signal);
      handed();
      await sent;
    } catch (error) {
      const outcome = isMessagingError(error) ? error.outcome : 'failed';
      if (pointer !== undefined && outcome === 'failed') claims.forget(pointer);
      if (!isLate) throw error;
      const why = pointer === undefined ? `its body could not be kept in ${claims.check.store.name} in time` : textOf(error);
      const text = `send to channel "${channel.name}" did not succeed within ${sendTimeoutMs} ms: ${why}`;
      throw new MessagingError('TIMEOUT', text, { cause: error, outcome });
    } finally {
      timer.cancel();
      until.release();
      handed();
    }
  }

  return (message, signal) => {
    if (message.headers[SIZE_HEADER] !== undefined || message.headers[OLD_SIZE_HEADER] !== undefined)
      return Promise.reject(reserved(channel));
    const key = channel.ordered ? message.key : undefined;
    const before = key === undefined ? undefined : lines.get(key);
    if (before === undefined && !isLarge(message)) return publish(message, signal);
    let handed: () => void = () => {};
    const line = new Promise<void>((resolve) => (handed = resolve));
    void claims.track(line); // from there on the batcher knows of it
    if (key === undefined) return send(message, undefined, handed, signal);
    lines.set(key, line);
    void line.then(() => lines.get(key) === line && lines.delete(key));
    return send(message, before, handed, signal);
  };
}

/** A way to send with the claim check before it, where it covers the channel. A reply's queue is of no channel: it has no `name`. */
export function claiming(
  { claims, transports, clock, sendTimeoutMs }: Pick<EngineOptions, 'claims' | 'transports' | 'clock' | 'sendTimeoutMs'>,
  transport: string,
  channel: Channel,
  publish: Publish,
  name?: string,
): Publish {
  if (claims?.covers(transport, name) !== true) return publish;
  const { limits } = (transports.get(transport) as Transport).capabilities(channel);
  return claimingSend({ claims, publish, channel, limits, clock, sendTimeoutMs });
}

/** The message that goes instead. The header says that one consumer gets it: only then may that one delete the body. */
function pointing(message: Message, pointer: ClaimPointer, { kind }: Channel): Message {
  const headers: Record<string, string> = { ...message.headers, [SIZE_HEADER]: String(message.body.length) };
  if (kind === 'queue') headers[CLAIM_HEADER] = 'queue';
  return { ...message, body: pointerBody(pointer), headers };
}

const reserved = ({ name }: Channel): MessagingError =>
  new MessagingError(
    'INVALID',
    `headers ${SIZE_HEADER} and ${OLD_SIZE_HEADER} on channel "${name}" belong to its claim check; choose another name`,
  );
