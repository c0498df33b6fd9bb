import type { Cart } from './checkout.js';

/** One customer's order, and what is to become of it. */
export interface Order extends Cart {
  readonly price: number;
  readonly isPaid: boolean;
}

const CARDS = ['visa', 'flaky', 'visa', 'visa', 'visa', 'declined'] as const; // the gateway knows them
const SKUS = ['mug', 'tea', 'shirt', 'puzzle'] as const;

/** Twelve orders. `run` makes their ids unique, since a real broker may still hold messages of another run. */
export function orders(run: string): readonly Order[] {
  return Array.from({ length: 12 }, (_, index) => {
    const sku = SKUS[index % SKUS.length] ?? 'mug';
    const card = CARDS[index % CARDS.length] ?? 'visa';
    return { orderId: `${run}-${index}`, sku, card, price: 10 + sku.length, isPaid: card !== 'declined' };
  });
}
