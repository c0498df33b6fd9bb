import { Consumer, type Context, exponential, Handle, to } from '@omnibus/core';
import { inject } from 'inversify';
import { CardGateway } from './card-gateway.js';
import { ChargeCard, OrderPaid, Orders, Payments } from './contracts.js';

/**
 * Charges cards. Where the gateway throws, the message comes again, with growing delays; after three attempts it goes to the
 * dead-letter channel. What the method returns is published before the command is acknowledged.
 */
@Consumer(Payments, { retry: exponential({ attempts: 3, firstMs: 50, maxMs: 200 }) })
export class Payment {
  constructor(@inject(CardGateway) private readonly gateway: CardGateway) {}

  @Handle(ChargeCard, { publish: to(Orders, OrderPaid) })
  async charge({ orderId, card, amount }: ChargeCard, { attempt }: Context) {
    await this.gateway.charge(card, amount, attempt);
    return { orderId, amount };
  }
}
