import { Consumer, Handle } from '@omnibus/core';
import { ChargeCard, LostPayments } from './contracts.js';

/** Takes care of payments that failed for good: a dead-letter channel is consumed like any other. */
@Consumer(LostPayments)
export class CustomerCare {
  readonly cases = new Set<string>();

  @Handle(ChargeCard)
  async call({ orderId }: ChargeCard) {
    this.cases.add(orderId);
  }
}
