// An application that uses every decorator. Prints what became of two orders; test/decorators.test.mjs runs it as several
// compilers emit it.
import {
  Consumer,
  type Context,
  createApp,
  Handle,
  message,
  type PayloadOf,
  type Producer,
  queue,
  reject,
  to,
  topic,
} from '@omnibus/core';
import { InjectProducer, Publish } from '@omnibus/core/inversify';
import { memory } from '@omnibus/memory';
import { Container, inject } from 'inversify';
import { z } from 'zod';

const OrderPlaced = message('order.placed', z.object({ orderId: z.string(), total: z.number() }));
type OrderPlaced = PayloadOf<typeof OrderPlaced>;
const OrderShipped = message('order.shipped', z.object({ orderId: z.string() }));
type OrderShipped = PayloadOf<typeof OrderShipped>;
const ParcelBooked = message('parcel.booked', z.object({ orderId: z.string(), bay: z.number() }));
type ParcelBooked = PayloadOf<typeof ParcelBooked>;
const Orders = topic('orders', { messages: [OrderPlaced, OrderShipped], key: (order) => order.orderId });
const Parcels = queue('parcels', { messages: [ParcelBooked] });

const GIVE_UP_MS = 10_000; // no build that does not work leaves a process behind
setTimeout(() => {
  console.error(`only this was seen: ${seen.join(', ')}`);
  process.exit(1);
}, GIVE_UP_MS).unref();

const seen: string[] = [];
let shipped = (): void => {};
const bothShipped = new Promise<void>((resolve) => (shipped = resolve));

class Warehouse {
  readonly bay = 7;
}

@Consumer(Orders, { group: 'shipping' })
class Shipping {
  constructor(
    @inject(Warehouse) private readonly warehouse: Warehouse,
    @InjectProducer(Parcels) private readonly parcels: Producer<typeof Parcels>,
  ) {}

  @Handle(OrderPlaced, { where: { total: { gt: 0 } } })
  async ship(order: OrderPlaced, context: Context) {
    seen.push(`ship ${order.orderId} attempt ${context.attempt}`);
    await this.parcels.send(ParcelBooked, { orderId: order.orderId, bay: this.warehouse.bay });
    return order.total > 1_000 ? reject('too much') : undefined;
  }
}

@Consumer(Parcels)
class Depot {
  @Handle(ParcelBooked, { publish: to(Orders, OrderShipped) })
  async book(parcel: ParcelBooked) {
    seen.push(`book ${parcel.orderId} at bay ${parcel.bay}`);
    return { orderId: parcel.orderId };
  }
}

@Consumer(Orders, { group: 'audit' })
class Audit {
  #shipped = 0;
  @Handle(OrderShipped)
  async note(order: OrderShipped) {
    seen.push(`shipped ${order.orderId}`);
    this.#shipped += 1;
    if (this.#shipped === 2) shipped();
  }
}

class Checkout {
  @InjectProducer(Orders) private readonly orders!: Producer<typeof Orders>;

  @Publish(Orders, OrderPlaced)
  async place(orderId: string): Promise<OrderPlaced> {
    return { orderId, total: 10 };
  }
  @Publish(Orders, OrderPlaced) async placeLater(orderId: string) {
    return { orderId, total: 2_000 };
  }
  ignored() {
    return this.orders.send(OrderPlaced, { orderId: 'free', total: 0 });
  }
}

const container = new Container();
container.bind(Warehouse).toSelf().inSingletonScope();
container.bind(Checkout).toSelf().inSingletonScope();
const config = { name: 'decorated', transports: { here: memory({}) }, default: 'here' } as const;
const app = await createApp({ config, container, classes: [Shipping, Depot, Audit, Checkout] });
await app.start();
const checkout = container.get(Checkout);
await checkout.ignored();
await checkout.place('a');
await checkout.placeLater('b');
await bothShipped;
await app.stop();

const { getMetadata } = Reflect as { getMetadata?: (key: string, target: object) => unknown };
const metadata = getMetadata?.('design:paramtypes', Shipping) === undefined ? 'absent' : 'emitted';
console.log(JSON.stringify({ metadata, seen: seen.sort() }));
