import type { Subscription } from '@omnibus/core/transport';

/** `orders/shipping`. */
export function groupOf(window: number, over: Partial<Subscription> = {}): Subscription {
  return {
    channel: {
      name: 'orders',
      address: 'orders',
      kind: 'topic',
      ordered: false,
      temporary: false,
      types: ['order.placed'],
      maxDelayMs: 0,
      priorities: 0,
    },
    group: 'shipping',
    address: 'orders.shipping',
    types: ['order.placed'],
    filter: undefined,
    from: 'next',
    ordered: false,
    window,
    exclusive: false,
    temporary: false,
    deadLetter: undefined,
    crashLimit: 70,
    ...over,
  };
}
