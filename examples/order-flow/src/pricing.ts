import { Consumer, Handle } from '@omnibus/core';
import { GetQuote, Quotes } from './contracts.js';

/** Answers requests: what the method returns is the reply, checked against its schema at both ends. */
@Consumer(Quotes)
export class Pricing {
  @Handle(GetQuote)
  async quote({ sku }: GetQuote) {
    return { price: 10 + sku.length };
  }
}
