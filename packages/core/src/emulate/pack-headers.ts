import { packHeaders, unpackHeaders } from '../codec/pack-headers.js';
import type { Limits } from '../transport/capabilities.js';
import type { Receiver, Sender } from '../transport/transport.js';
import { mapSender, wrapReceiver } from './wrap.js';

/**
 * Packs what the broker cannot carry as headers (count, name, empty value, characters) into one header `omnibus-headers`.
 *
 * Caveat: what is packed cannot be filtered on by the broker, nor read by a consumer that does not unpack it.
 * Cost: one look at each header; a copy of the message where something is packed. Bound: `limits.headers`.
 * Errors: TOO_LARGE for the message whose headers do not fit even so.
 */
export function packingSender(sender: Sender, limits: Pick<Limits, 'headers'>): Sender {
  return mapSender(sender, (message) => {
    const headers = packHeaders(message.headers, limits.headers);
    return headers === message.headers ? message : { ...message, headers };
  });
}

/** Undoes `packingSender` on what is received; what was not packed stays as it is. */
export function unpackingReceiver(receiver: Receiver): Receiver {
  return wrapReceiver(receiver, {
    async receive(max, signal) {
      const batch = await receiver.receive(max, signal);
      for (const delivery of batch) delivery.headers = unpackHeaders(delivery.headers);
      return batch;
    },
  });
}
