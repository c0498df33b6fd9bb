import type { Delivery } from '@omnibus/core/transport';
import { fromWire } from '@omnibus/sqs';
import type { ReadNotification } from './receiver.js';

/** Header that holds the subject of a message that was published with one. */
const SUBJECT_HEADER = 'subject';

/**
 * A Notification as a delivery, by the wire rules of SQS and SNS: the message is the body, its attributes are the envelope and the
 * headers. What others publish has SNS's id and time where it has none of its own.
 */
export const readNotification: ReadNotification = (post, { lockedUntil, receipt }): Delivery => {
  const attributes: [string, unknown][] = Object.entries(post.attributes).map(([name, { Type, Value }]) => [
    name,
    Type.startsWith('Binary') ? Buffer.from(Value, 'base64') : Value,
  ]);
  if (post.subject !== undefined) attributes.unshift([SUBJECT_HEADER, post.subject]);
  const { message, own } = fromWire(post.message, Object.fromEntries(attributes));
  return {
    ...message,
    id: message.id === '' && !own ? post.messageId : message.id,
    time: message.time === 0 && !own ? Date.parse(post.timestamp) : message.time,
    deliveries: 0, // SNS does not say which try it is
    partition: undefined,
    position: undefined,
    lockedUntil,
    lease: undefined,
    receipt,
    native: post,
  };
};
