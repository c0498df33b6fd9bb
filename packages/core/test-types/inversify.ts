import { type Producer, queue } from '@omnibus/core';
import { InjectProducer, Publish } from '@omnibus/core/inversify';
import { inject } from 'inversify';
import { GetQuote, OrderCancelled, OrderPlaced, Orders, ParcelBooked, Parcels } from './contracts.js';

class Warehouse {
  reserve(_orderId: string) {}
}
const Urgent = queue('urgent', { messages: [ParcelBooked], priorities: 5 });

export class ByParameter {
  constructor(
    @inject(Warehouse) readonly warehouse: Warehouse,
    @InjectProducer(Orders) private readonly orders: Producer<typeof Orders>,
    @InjectProducer(Parcels) readonly parcels?: Producer<typeof Parcels>,
  ) {}
  use() {
    return this.orders;
  }
}
export class ByProperty {
  @InjectProducer(Parcels) readonly parcels!: Producer<typeof Parcels>;
  @InjectProducer(Orders) private readonly orders!: Producer<typeof Orders>;
  use() {
    return this.orders;
  }
}
export class OtherParameter {
  // @ts-expect-error the producer of another channel
  constructor(@InjectProducer(Parcels) readonly orders: Producer<typeof Orders>) {}
}
export class SecondParameter {
  constructor(
    readonly warehouse: Warehouse,
    // @ts-expect-error the same in another place
    @InjectProducer(Parcels) readonly second: Warehouse,
  ) {}
}
export class OtherProperty {
  // @ts-expect-error the producer of another channel
  @InjectProducer(Parcels) readonly orders!: Producer<typeof Orders>;
  // @ts-expect-error a static property belongs to no object
  @InjectProducer(Orders) static readonly ofTheClass: Producer<typeof Orders>;
  // @ts-expect-error not a property
  @InjectProducer(Orders) method() {}
  // @ts-expect-error not a constructor's parameter
  method2(@InjectProducer(Orders) _orders: Producer<typeof Orders>) {}
  // @ts-expect-error nor a static method's
  static method3(@InjectProducer(Orders) _orders: Producer<typeof Orders>) {}
}

export class Checkout {
  @Publish(Orders, OrderPlaced)
  async place(cart: { id: string }): Promise<OrderPlaced> {
    return { orderId: cart.id, total: 2 };
  }
  @Publish(Orders, OrderCancelled) async cancel(orderId: string) {
    return { orderId };
  } // the schema's input
  @Publish(Parcels, ParcelBooked, { delayMs: 1_000, headers: { a: 'b' } }) async later() {
    return { orderId: 'a' };
  }
  @Publish(Urgent, ParcelBooked, { priority: 1 }) async urgent() {
    return { orderId: 'a' };
  }
  @Publish(Parcels, ParcelBooked) @Publish(Orders, OrderCancelled) async twice() {
    return { orderId: 'a' };
  }

  // @ts-expect-error another payload
  @Publish(Orders, OrderPlaced) async wrong() {
    return { total: 1 };
  }
  // @ts-expect-error the channel does not carry it
  @Publish(Orders, ParcelBooked) async elsewhere() {
    return { orderId: 'a' };
  }
  // @ts-expect-error must be async: the caller waits for the broker
  @Publish(Orders, OrderPlaced) now() {
    return { orderId: 'a', total: 2 };
  }
  // @ts-expect-error nothing to send
  @Publish(Orders, OrderPlaced) async silent() {}
  // @ts-expect-error on every way out
  @Publish(Orders, OrderPlaced) async halfSilent(id?: string) {
    return id === undefined ? undefined : { orderId: id, total: 2 };
  }
  // @ts-expect-error a static method belongs to no object
  @Publish(Orders, OrderPlaced) static async ofTheClass() {
    return { orderId: 'a', total: 2 };
  }
  // @ts-expect-error orders declares no maxDelayMs
  @Publish(Orders, OrderCancelled, { delayMs: 1 }) async delayed() {
    return { orderId: 'a' };
  }
  // @ts-expect-error an id belongs to one message
  @Publish(Orders, OrderCancelled, { id: 'i' }) async one() {
    return { orderId: 'a' };
  }
  // @ts-expect-error nor has every message one key
  @Publish(Orders, OrderCancelled, { key: 'k' }) async keyed() {
    return { orderId: 'a' };
  }
  // @ts-expect-error a signal belongs to one call
  @Publish(Orders, OrderCancelled, { signal: AbortSignal.timeout(1) }) async signalled() {
    return { orderId: 'a' };
  }
}
void GetQuote;
