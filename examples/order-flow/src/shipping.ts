import { Consumer, Handle, type Producer } from '@omnibus/core';
import { InjectProducer } from '@omnibus/core/inversify';
import { OrderPaid, Orders, ParcelMoved, Parcels } from './contracts.js';

/** The way of every parcel. */
export const PLACES = ['packed', 'handed over', 'on its way', 'delivered'] as const;

/** One group of the topic: gets every paid order, shares them among its instances, and sends the parcel on its way. */
@Consumer(Orders, { group: 'shipping' })
export class Shipping {
  constructor(@InjectProducer(Parcels) private readonly parcels: Producer<typeof Parcels>) {}

  @Handle(OrderPaid)
  async ship({ orderId }: OrderPaid) {
    for (const [index, place] of PLACES.entries()) await this.parcels.send(ParcelMoved, { orderId, step: index + 1, place });
  }
}
