import { fromStructured, STRUCTURED, toStructured } from '../codec/structured.js';
import { isMessagingError } from '../transport/errors.js';
import type { Delivery } from '../transport/message.js';
import type { Receiver, Sender } from '../transport/transport.js';
import { mapSender, wrapReceiver } from './wrap.js';

/**
 * For brokers without headers: the whole message becomes the body, one CloudEvents document in structured mode. The fields
 * stay as they are, so that the broker can still use key, delay, expiry and priority where it has them.
 *
 * Caveat: a consumer that knows no CloudEvents finds the payload in `data`, or in `data_base64` where it is no JSON.
 * Cost: one JSON document a message, and a third more bytes for a body that is no JSON. Bound: `limits.sendBytes`.
 */
export function structuredSender(sender: Sender): Sender {
  return mapSender(sender, (message) => ({ ...message, body: toStructured(message), contentType: STRUCTURED, headers: {} }));
}

/** Undoes `structuredSender`. What is no CloudEvent stays as it is: a foreign message whose body is all there is. */
export function structuredReceiver(receiver: Receiver): Receiver {
  return wrapReceiver(receiver, {
    async receive(max, signal) {
      const batch = await receiver.receive(max, signal);
      for (const delivery of batch) unwrap(delivery);
      return batch;
    },
  });
}

/** What the event does not say, the broker may have said: id, time and key. */
function unwrap(delivery: Delivery): void {
  const { id, time, key } = delivery;
  try {
    const event = fromStructured(delivery.body);
    Object.assign(delivery, event, {
      id: event.id === '' ? id : event.id,
      time: event.time === 0 ? time : event.time,
      key: event.key ?? key,
    });
  } catch (error) {
    if (!isMessagingError(error, 'INVALID')) throw error;
  }
}
