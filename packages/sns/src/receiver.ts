import type { Delivery, Receiver } from '@omnibus/core/transport';
import { fromWire, type SqsMessage } from '@omnibus/sqs';
import { openEnvelope } from './envelope.js';

/** Header that holds the subject of a message that was published with one. */
const SUBJECT_HEADER = 'subject';

/**
 * The receiver of a queue that also reads what an SNS subscription without raw delivery put there: the message inside of SNS's
 * envelope, with its attributes. Whatever is not surely such an envelope stays as it is.
 */
export function openingEnvelopes(inner: Receiver): Receiver {
  const extend = inner.extend?.bind(inner);
  return {
    async receive(max, signal) {
      const batch = await inner.receive(max, signal);
      for (const delivery of batch) open(delivery);
      return batch;
    },
    settle: (batch, verdict) => inner.settle(batch, verdict),
    ...(extend === undefined ? {} : { extend }),
    close: () => inner.close(),
  };
}

/** SNS adds no attributes to what it puts into an envelope: a message that has any is none. */
function open(delivery: Delivery): void {
  const { MessageAttributes } = delivery.native as SqsMessage;
  if (MessageAttributes !== undefined && Object.keys(MessageAttributes).length > 0) return;
  const envelope = openEnvelope(delivery.body);
  if (envelope === undefined) return;
  const { subject } = envelope;
  const attributes = { ...(subject === undefined ? {} : { [SUBJECT_HEADER]: subject }), ...envelope.attributes };
  const { message, own } = fromWire(envelope.body, attributes);
  const { delayMs: _, ...fields } = message;
  Object.assign(delivery, fields);
  if (own) return;
  if (delivery.id === '') delivery.id = envelope.id;
  if (delivery.time === 0) delivery.time = envelope.time;
}
