import { heldProducer } from '../api/attach.js';
import type { Channel, MessagesOf } from '../api/channels.js';
import type { MethodOf } from '../api/decorators.js';
import type { InputOf } from '../api/messages.js';
import { getOwn, legacyOnly, methodOf, SLOTS, type SlotEntry } from '../api/metadata.js';
import type { SendOptions } from '../api/producer.js';
import { producerToken } from '../api/tokens.js';
import { InjectProducer } from './inject-producer.js';

/** What every message that a `@Publish` method sends is sent with; `delayMs`, `ttlMs` and `priority` where the channel declares them. */
export type PublishOptions<C extends Channel> = Omit<SendOptions<C>, 'id' | 'key' | 'signal' | 'causedBy'>;

type Publishing<P> = (...args: never) => Promise<P>;

/**
 * What the async method returns is validated and sent; the caller's promise waits until the broker has it, and then gives what the
 * method returned. Rejects with what `Producer.send` rejects with. The object must come from the app's container, or
 * through `app.attach(object)`: else the call rejects with MessagingError DISCOVERY before the method runs.
 * @throws TypeError on what is not an instance method, or where the file was compiled with TC39 decorators.
 */
export function Publish<C extends Channel, M extends MessagesOf<C>>(
  channel: C,
  message: M,
  options?: PublishOptions<C>,
): MethodOf<Publishing<InputOf<M>>> {
  return (prototype, name, descriptor) => {
    legacyOnly('@Publish', name, descriptor);
    const method = methodOf<Publishing<InputOf<M>>>('@Publish', prototype, name, descriptor);
    const owner = prototype.constructor;
    const slot: SlotEntry = { channel, name: producerToken(channel) };
    const injected = getOwn<readonly SlotEntry[]>(owner, SLOTS)?.some((each) => each.name === slot.name);
    if (injected !== true) InjectProducer(channel)(prototype, slot.name); // inversify refuses two injections into one property
    descriptor.value = async function (this: object | undefined, ...args: never) {
      const producer = heldProducer<C>(this, owner, name, slot);
      const payload = await method.apply(this, args);
      await producer.send(message, payload, options);
      return payload;
    } as never;
  };
}
