import type { ChannelKind } from '../transport/channel.js';
import type { Channel } from './channels.js';
import type { OptionsArg } from './consumer.js';
import type {
  BatchHandler,
  BatchOptions,
  HandleOptions,
  Handler,
  NoReply,
  PublishingHandler,
  PublishingOptions,
} from './handlers.js';
import type { MessageType } from './messages.js';
import {
  append,
  CONSUMER,
  type ConsumerEntry,
  getOwn,
  HANDLERS,
  type HandlerEntry,
  legacyOnly,
  methodOf,
  setOwn,
} from './metadata.js';

/** Any class, whatever its constructor takes. */
export type ConsumerClass = abstract new (...args: never) => object;

/** A class's prototype; not the class itself, whose members are static. */
type Prototype = object & { readonly prototype?: never };
/** A decorator of instance methods of type `F`. */
export type MethodOf<F extends (...args: never) => unknown> = <T extends F>(
  prototype: Prototype,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<T>,
) => void;

/**
 * Makes a class the consumer of one channel: of a queue, or of a group on a topic or stream.
 * @throws TypeError where a class has two of it, or where the file was compiled with TC39 decorators.
 */
export function Consumer<K extends ChannelKind, M extends MessageType>(
  channel: Channel<K, string, M>,
  ...options: OptionsArg<NoInfer<K>, NoInfer<M>>
): <T extends ConsumerClass>(consumer: T) => void {
  return (consumer, ...rest: unknown[]) => {
    legacyOnly('@Consumer', ...rest);
    if (getOwn(consumer, CONSUMER) !== undefined)
      throw new TypeError(`${consumer.name} has two @Consumer decorators: one class reads one channel`);
    setOwn(consumer, CONSUMER, { channel, options: options[0] ?? {} } satisfies ConsumerEntry);
  };
}

/**
 * Makes a method the handler of one message type; stack it for several. Returning means done, throwing means retry by the
 * policy; `retry()` and `reject()` say it outright.
 * @throws TypeError on what is not an instance method, or where the file was compiled with TC39 decorators.
 */
export function Handle<M extends MessageType>(message: M, options?: HandleOptions<M>): MethodOf<Handler<M>>;
/** With `batch` the method gets arrays. */
export function Handle<M extends MessageType>(message: NoReply<M>, options: BatchOptions<M>): MethodOf<BatchHandler<M>>;
/** With `publish` what the method returns is sent on before the message is acknowledged. */
export function Handle<M extends MessageType, R extends MessageType>(
  message: NoReply<M>,
  options: PublishingOptions<M, R>,
): MethodOf<PublishingHandler<M, R>>;
export function Handle(message: MessageType, options?: HandlerEntry['options']) {
  return (prototype: object, name: string | symbol, descriptor: PropertyDescriptor | undefined): void => {
    legacyOnly('@Handle', name, descriptor);
    methodOf('@Handle', prototype, name, descriptor);
    append<HandlerEntry>(prototype.constructor, HANDLERS, { message, name, options: options ?? {} });
  };
}
