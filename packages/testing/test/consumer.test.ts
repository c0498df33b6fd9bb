import { Consumer, type Context, exponential, Handle, type Producer, reject } from '@omnibus/core';
import { InjectProducer, Publish } from '@omnibus/core/inversify';
import { Container, inject } from 'inversify';
import { describe, expect, it } from 'vitest';
import { started } from './apps.js';
import { OrderPlaced, OrderShipped, Orders, ParcelBooked, Parcels } from './contracts.js';

class Warehouse {
  readonly reserved: string[] = [];
}

@Consumer(Orders, { group: 'shipping', retry: exponential({ attempts: 3, firstMs: 1_000, jitter: 'none' }) })
class Shipping {
  constructor(
    @inject(Warehouse) private readonly warehouse: Warehouse,
    @InjectProducer(Parcels) private readonly parcels: Producer<typeof Parcels>,
  ) {}

  @Handle(OrderPlaced)
  async ship(order: OrderPlaced, { attempt }: Context) {
    if (order.total < 0) return reject('negative total');
    if (order.total > 1_000 && attempt === 1) throw new Error('too heavy for the first van');
    this.warehouse.reserved.push(order.orderId);
    await this.parcels.send(ParcelBooked, { orderId: order.orderId });
    return undefined;
  }
}

class Counter {
  @Publish(Orders, OrderShipped)
  async handOver(orderId: string) {
    return { orderId, at: new Date(0) };
  }
}

const app = () => {
  const container = new Container();
  container.bind(Warehouse).toSelf().inSingletonScope();
  container.bind(Counter).toSelf().inSingletonScope();
  return { container, classes: [Shipping, Counter] };
};

describe('an app under test', () => {
  it('handles what the test sends, with what its container gives, and sends on', async () => {
    const { container, classes } = app();
    const t = await started({ container, classes });
    await t.send(Orders, OrderPlaced, { orderId: 'a', total: 5 });
    await t.settled();
    expect(container.get(Warehouse).reserved).toEqual(['a']);
    expect(t.sent(Parcels, ParcelBooked)).toEqual([{ orderId: 'a' }]);
    expect(t.stats.consumers['orders/shipping']).toMatchObject({ handled: 1, retried: 0, dead: 0 });
  });

  it('tries again when its time has come, and not before', async () => {
    const t = await started(app());
    await t.send(Orders, OrderPlaced, { orderId: 'heavy', total: 2_000 });
    await expect(t.settled()).rejects.toThrow('too heavy for the first van');
    await t.clock.advance(999);
    expect(t.sent(Parcels, ParcelBooked)).toEqual([]);
    await t.clock.advance(1);
    expect(t.sent(Parcels, ParcelBooked)).toEqual([{ orderId: 'heavy' }]);
    await t.settled();
  });

  it('tells what it gave up, and why', async () => {
    const t = await started(app());
    await t.send(Orders, OrderPlaced, { orderId: 'odd', total: -1 });
    await t.settled();
    expect(t.dead(Orders, 'shipping')).toMatchObject([{ type: 'order.placed', reason: 'negative total', attempts: 1 }]);
  });

  it('publishes what its methods return', async () => {
    const { container, classes } = app();
    const t = await started({ container, classes });
    await container.get(Counter).handOver('a');
    expect(t.sent(Orders, OrderShipped)).toEqual([{ orderId: 'a', at: new Date(0) }]);
  });
});
