import { type Delivery, fromBinary } from '@omnibus/core/transport';
import type { ReadNotification } from './receiver.js';

/**
 * A Notification as a delivery: the message is the body, its attributes are the envelope (CloudEvents, binary mode) and the
 * headers. What others publish without attributes has SNS's id and time.
 */
export const readNotification: ReadNotification = (post, { lockedUntil, receipt }): Delivery => {
  const attributes: [string, unknown][] = Object.entries(post.attributes).map(([name, { Type, Value }]) => [
    name,
    Type.startsWith('Binary') ? Buffer.from(Value, 'base64') : Value,
  ]);
  const message = fromBinary(Object.fromEntries(attributes), Buffer.from(post.message));
  return {
    ...message,
    id: message.id === '' ? post.messageId : message.id,
    time: message.time === 0 ? Date.parse(post.timestamp) : message.time,
    deliveries: 0, // SNS does not say which try it is
    partition: undefined,
    position: undefined,
    lockedUntil,
    lease: undefined,
    receipt,
    native: post,
  };
};
