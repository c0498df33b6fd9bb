import type { From } from '../transport/channel.js';
import type { Channel } from './channels.js';
import type { CommonConsumerOptions, PerInstance } from './consumer.js';
import type { BatchOptions, HandleOptions, PublishingOptions } from './handlers.js';
import type { MessageType } from './messages.js';

/** One handler as it was declared. */
export interface HandlerDraft {
  /** `Shipping.ship`, or `app.consumer("orders")`. */
  readonly name: string;
  readonly message: MessageType;
  readonly options: HandleOptions<never> | BatchOptions<never> | PublishingOptions<never, MessageType>;
  readonly call: (payload: unknown, context: unknown) => unknown;
}

/** One consumer as it was declared, by a class or by a call. */
export interface ConsumerDraft {
  /** `Shipping`, or `app.consumer("orders")`. */
  readonly owner: string;
  readonly channel: Channel;
  readonly options: CommonConsumerOptions & {
    readonly group?: string | PerInstance;
    readonly from?: From;
    readonly ignore?: readonly MessageType[] | undefined;
  };
  readonly handlers: HandlerDraft[];
}

/** `orders/shipping`; a queue's own name; `orders/per-instance`. */
export function nameOf({ channel, options }: Pick<ConsumerDraft, 'channel' | 'options'>): string {
  if (options.group === undefined) return channel.name;
  return `${channel.name}/${typeof options.group === 'string' ? options.group : 'per-instance'}`;
}
