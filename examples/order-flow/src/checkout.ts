import type { Producer } from '@omnibus/core';
import { InjectProducer, Publish } from '@omnibus/core/inversify';
import { ChargeCard, GetQuote, Payments, Quotes } from './contracts.js';

/** What a customer wants to buy. */
export interface Cart {
  readonly orderId: string;
  readonly sku: string;
  readonly card: string;
}

/** Asks for the price and commands the payment: what `place` returns is sent, and the caller's promise waits for the broker. */
export class Checkout {
  constructor(@InjectProducer(Quotes) private readonly quotes: Producer<typeof Quotes>) {}

  @Publish(Payments, ChargeCard)
  async place({ orderId, sku, card }: Cart): Promise<ChargeCard> {
    const { price } = await this.quotes.request(GetQuote, { sku }, { timeoutMs: 10_000 });
    return { orderId, card, amount: price };
  }
}
