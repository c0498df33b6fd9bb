import type { Split } from './acks.js';
import type { AmqpChannel } from './client.js';

/** `ack` lets the broker forget, `release` gives back. */
export type Settlement = 'ack' | 'release';

/** Writes the settlements of one call, in the order: the prefix, then each single one. */
export type WriteSettlements = (split: Split, settlement: Settlement) => void;

/*
 * One method frame of AMQP 0-9-1 (section 4.2.3): type 1, channel, size of the payload, payload, end mark. The payload of basic.ack
 * (60, 80) and of RabbitMQ's basic.nack (60, 120) is class, method, delivery tag, one octet of bits: 1 = multiple, 2 = requeue.
 */
const FRAME_BYTES = 21;
const PAYLOAD_BYTES = 13;
const METHOD_FRAME = 1;
const END_MARK = 0xce;
const BASIC = 60;
const METHODS = { ack: { method: 80, bits: 0 }, release: { method: 120, bits: 2 } } as const;
const MULTIPLE = 1;

/** The frames of some settlements on a channel. */
export function settlementFrames(channel: number, { upTo, singles }: Split, settlement: Settlement): Buffer {
  const { method, bits } = METHODS[settlement];
  const frames = Buffer.allocUnsafe(FRAME_BYTES * ((upTo > 0 ? 1 : 0) + singles.length));
  let at = 0;
  const put = (tag: number, bit: number): void => {
    at = frames.writeUInt8(METHOD_FRAME, at);
    at = frames.writeUInt16BE(channel, at);
    at = frames.writeUInt32BE(PAYLOAD_BYTES, at);
    at = frames.writeUInt16BE(BASIC, at);
    at = frames.writeUInt16BE(method, at);
    at = frames.writeBigUInt64BE(BigInt(tag), at);
    at = frames.writeUInt8(bits | bit, at);
    at = frames.writeUInt8(END_MARK, at);
  };
  if (upTo > 0) put(upTo, MULTIPLE);
  for (const tag of singles) put(tag, 0);
  return frames;
}

/**
 * Settlements leave in one write to the socket, at once. amqplib would write each by itself, two turns of the event loop later; while
 * deliveries stream in, such a turn is as long as the whole window, and the broker waits for it. Where amqplib does not say what
 * this takes, its own way is taken. All settlements of a channel go one way, so that they stay in order.
 */
export function settlementWriter(
  amqp: Pick<AmqpChannel, 'ch' | 'ack' | 'nack'>,
  socket: { write(bytes: Uint8Array): unknown } | undefined,
): WriteSettlements {
  const { ch } = amqp;
  if (ch !== undefined && socket !== undefined) {
    return (split, settlement) => {
      if (split.upTo > 0 || split.singles.length > 0) socket.write(settlementFrames(ch, split, settlement));
    };
  }
  return ({ upTo, singles }, settlement) => {
    const send = (deliveryTag: number, multiple: boolean): void =>
      settlement === 'ack'
        ? amqp.ack({ fields: { deliveryTag } }, multiple)
        : amqp.nack({ fields: { deliveryTag } }, multiple, true);
    if (upTo > 0) send(upTo, true);
    for (const tag of singles) send(tag, false);
  };
}
