import { deepEqual } from 'node:assert/strict';
import { exponential, type InterceptorFactory, message, reject, retry } from '@omnibus/core';
import { times } from '../assertions.js';
import { shape } from '../messages.js';
import type { Scenario } from '../scenario.js';

interface Order {
  readonly id: string;
  readonly total: number;
}

const isOrder = (order: Order): boolean => typeof order.id === 'string' && Number.isFinite(order.total);
const OrderPlaced = message('conformance.order-placed', shape<Order>(isOrder));
const OrderShipped = message('conformance.order-shipped', shape<Order>(isOrder));
const StockCounted = message('conformance.stock-counted', shape<Order>(isOrder));

const policy = exponential({ attempts: 3, firstMs: 10, maxMs: 20, jitter: 'none' });

/** What was seen of each order, in order. The only thing that a transport may change is how long it took. */
const LOG: Readonly<Record<string, readonly string[]>> = {
  plain: ['placed 1 acme', 'handled 1'],
  'fails once': ['placed 1 acme', 'retried 1', 'placed 2 acme', 'handled 2'],
  'asks once': ['placed 1 acme', 'retried 1', 'placed 2 acme', 'handled 2'],
  'fails always': [
    'placed 1 acme',
    'retried 1',
    'placed 2 acme',
    'retried 2',
    'placed 3 acme',
    'dead 3 attempts',
    'buried 1 acme',
  ],
  rejected: ['placed 1 acme', 'dead 1 nobody wants it', 'buried 1 acme'],
  cheap: ['skipped 1'],
  stock: ['skipped 1'],
  'shipment of plain': ['shipped 1 acme', 'handled 1'],
  'shipment of fails once': ['shipped 1 acme', 'handled 1'],
  'shipment of asks once': ['shipped 1 acme', 'handled 1'],
};

/** One service with every outcome that a handler knows. */
export const oneServiceLeavesTheSameLogEverywhere: Scenario = {
  check: 86,
  title: 'one service leaves the same log on every transport',
  async run(world) {
    const Orders = world.queue('orders', { messages: [OrderPlaced, StockCounted] });
    const Shipments = world.queue('shipments', { messages: [OrderShipped] });
    const Dead = world.deadLetters(Orders);
    const log: Record<string, string[]> = {};
    const lines = world.journal<string>('the number of lines');
    const add = (id: string, line: string): void => {
      log[id] = [...(log[id] ?? []), line];
      lines.add(line);
    };
    const listen: InterceptorFactory = ({ direction, channel }) =>
      direction === 'send' || channel === Dead.name
        ? undefined
        : {
            ended: ({ body }, { as, attempt, reason }) =>
              add((JSON.parse(Buffer.from(body).toString()) as Order).id, [as, attempt, reason].filter(Boolean).join(' ')),
          };
    const service = await world.service({ producers: [Orders, Shipments], interceptors: [listen] });
    service
      .consumer(Orders, { retry: policy, ignore: [StockCounted] })
      .handle(OrderPlaced, { where: { total: { gte: 100 } } }, async (order, { attempt, headers }) => {
        add(order.id, `placed ${attempt} ${headers['tenant']}`);
        if (order.id === 'rejected') return reject('nobody wants it');
        if (order.id === 'asks once' && attempt === 1) return retry(10);
        if (order.id === 'fails always' || (order.id === 'fails once' && attempt === 1)) throw new Error('it fails');
        await service
          .producer(Shipments)
          .send(OrderShipped, { ...order, id: `shipment of ${order.id}` }, { headers: { tenant: headers['tenant']! } });
        return undefined;
      });
    service
      .consumer(Shipments)
      .handle(OrderShipped, ({ id }, { attempt, headers }) => add(id, `shipped ${attempt} ${headers['tenant']}`));
    service
      .consumer(Dead, { ignore: [StockCounted] })
      .handle(OrderPlaced, ({ id }, { attempt, headers }) => add(id, `buried ${attempt} ${headers['tenant']}`));
    await world.start(service);

    const headers = { tenant: 'acme' };
    const producer = service.producer(Orders);
    let expected = 0;
    for (const [id, story] of Object.entries(LOG)) {
      expected += story.length;
      if (id.startsWith('shipment')) continue; // these come by themselves
      if (id === 'stock') await producer.send(StockCounted, { id, total: 100 }, { headers });
      else await producer.send(OrderPlaced, { id, total: id === 'cheap' ? 99 : 100 }, { headers });
    }
    await lines.reaches(expected);
    deepEqual(log, LOG);
    const stats = (): readonly number[] => Object.values(service.stats.consumers).map(({ held }) => held);
    await world.until('nothing is held', () => stats().every((held) => held === 0), stats);
    deepEqual(
      stats(),
      times(3, () => 0),
    );
    const { handled, retried, dead, skipped } = service.stats.consumers[Orders.name]!;
    deepEqual({ handled, retried, dead, skipped }, { handled: 3, retried: 4, dead: 2, skipped: 2 });
  },
};
