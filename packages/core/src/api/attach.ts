import { MessagingError } from '../transport/errors.js';
import type { Channel } from './channels.js';
import { listOf, SLOTS, type SlotEntry } from './metadata.js';
import type { Producer } from './producer.js';

/** Gives an object that no container made the producers that its `@Publish` methods and `@InjectProducer` properties need; what is set already stays. */
export function attachProducers(object: object, producerOf: (channel: Channel) => Producer<Channel>): void {
  for (const { channel, name } of listOf<SlotEntry>(object.constructor, SLOTS)) {
    if (Reflect.get(object, name) === undefined)
      Object.defineProperty(object, name, { value: producerOf(channel), configurable: true, writable: true });
  }
}

/**
 * The producer that an object holds for its method.
 * @param owner the class that has the method; the object may be of a subclass.
 * @throws MessagingError DISCOVERY where nobody gave it one.
 */
export function heldProducer<C extends Channel>(
  object: object | undefined,
  owner: { readonly name: string },
  method: string | symbol,
  slot: SlotEntry,
): Producer<C> {
  const held: unknown = object === undefined ? undefined : Reflect.get(object, slot.name);
  if (held !== undefined) return held as Producer<C>;
  const what = `${owner.name}.${String(method)} publishes to channel "${slot.channel.name}", but`;
  throw new MessagingError(
    'DISCOVERY',
    object === undefined
      ? `${what} was called without its object: call it as object.${String(method)}(...), or bind it.`
      : `${what} ${why(object, owner)}`,
  );
}

function why(object: object, owner: object): string {
  const made =
    "this object was not made by the app's container: get it from the container that createApp was given, or call app.attach(object).";
  if (object.constructor === owner) return made;
  return `${made} ${object.constructor.name} inherits the method, and inversify gives a subclass what its parent asks for only with @injectFromBase().`;
}
