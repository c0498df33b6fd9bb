import { Consumer, Handle } from '@omnibus/core';
import { inject } from 'inversify';
import { OrderPaid, Orders } from './contracts.js';
import { Mailer } from './mailer.js';

/** Another group of the same topic: it gets every paid order as well, at its own pace. */
@Consumer(Orders, { group: 'notification' })
export class Notification {
  constructor(@inject(Mailer) private readonly mailer: Mailer) {}

  @Handle(OrderPaid)
  async thank({ orderId, amount }: OrderPaid) {
    await this.mailer.send(orderId, `We received ${amount} for order ${orderId}. Thank you!`);
  }
}
