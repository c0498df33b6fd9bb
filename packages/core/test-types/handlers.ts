import {
  type BatchContext,
  Consumer,
  type Context,
  Handle,
  message,
  type PayloadOf,
  queue,
  reject,
  retry,
  to,
} from '@omnibus/core';
import { z } from 'zod';
import { GetQuote, OrderCancelled, OrderPlaced, Orders, ParcelBooked, Parcels, Tick } from './contracts.js';

@Consumer(Orders, { group: 'shipping' })
export class Shipping {
  @Handle(OrderPlaced)
  async ship(order: OrderPlaced, context: Context) {
    if (order.total < 0) return reject('negative');
    return context.attempt === 1 ? retry() : undefined;
  }
  @Handle(OrderCancelled)
  undo(order: OrderCancelled) {
    return order.why === 'later' ? retry(5_000) : undefined;
  }
  @Handle(OrderPlaced)
  @Handle(OrderCancelled)
  async both(_order: OrderPlaced | OrderCancelled, context: Context<typeof OrderPlaced | typeof OrderCancelled>) {
    if (context.message.name === 'order.placed') return reject('placed');
    return;
  }
  @Handle(OrderPlaced) async fewerFields(_order: { orderId: string }) {}
  @Handle(OrderPlaced) nothing() {}
  @Handle(OrderPlaced) protected async notPublic(_order: OrderPlaced) {}

  // @ts-expect-error another payload
  @Handle(OrderPlaced) async otherPayload(_order: { nope: string }) {}
  // @ts-expect-error the context of another message
  @Handle(OrderPlaced) async otherContext(_order: OrderPlaced, _context: Context<typeof Tick>) {}
  // @ts-expect-error more than a payload and a context
  @Handle(OrderPlaced) async three(_order: OrderPlaced, _context: Context, _more: string) {}
  // @ts-expect-error a returned value that is no outcome would be lost
  @Handle(OrderPlaced) async stray(_order: OrderPlaced) {
    return 42;
  }
  // @ts-expect-error the same without async
  @Handle(OrderPlaced) strayNow(_order: OrderPlaced) {
    return 42;
  }
  // @ts-expect-error an outcome is made by retry() or reject()
  @Handle(OrderPlaced) async homeMade(_order: OrderPlaced) {
    return { type: 'retry' };
  }
  // @ts-expect-error a static method belongs to no object
  @Handle(OrderPlaced) static ofTheClass(_order: OrderPlaced) {}
  // @ts-expect-error not a method
  @Handle(OrderPlaced) notAMethod = 1;
  // @ts-expect-error an accessor of something else
  @Handle(OrderPlaced) get accessor() {
    return 1;
  }
  // @ts-expect-error milliseconds are a number
  @Handle(OrderPlaced, { timeoutMs: '1 s' }) async timeout(_order: OrderPlaced) {}
  // @ts-expect-error no such option
  @Handle(OrderPlaced, { retries: 3 }) async option(_order: OrderPlaced) {}
}

@Consumer(Orders, { group: 'batches' })
export class Batches {
  @Handle(OrderPlaced, { batch: 100, waitMs: 50 })
  async each(orders: readonly OrderPlaced[], context: BatchContext) {
    return orders.map((order, index) =>
      order.total < 0 ? reject('negative') : context.messages[index]?.attempt === 1 ? retry() : undefined,
    );
  }
  @Handle(OrderPlaced, { batch: 100 }) async all(_orders: readonly OrderPlaced[]) {}
  @Handle(OrderPlaced, { batch: 100 }) async allAtOnce(_orders: readonly OrderPlaced[]) {
    return retry(100);
  }

  // @ts-expect-error the single form where a batch is asked for
  @Handle(OrderPlaced, { batch: 10 }) async single(_order: OrderPlaced) {}
  // @ts-expect-error the single context where a batch is asked for
  @Handle(OrderPlaced, { batch: 10 }) async singleContext(_orders: readonly OrderPlaced[], _context: Context) {}
  // @ts-expect-error the batch form without `batch`
  @Handle(OrderPlaced) async list(_orders: readonly OrderPlaced[]) {}
  // @ts-expect-error results that are no outcomes
  @Handle(OrderPlaced, { batch: 10 }) async stray(orders: readonly OrderPlaced[]) {
    return orders.map(() => 1);
  }
  // @ts-expect-error waiting for company is for batches
  @Handle(OrderPlaced, { waitMs: 50 }) async alone(_order: OrderPlaced) {}
  // @ts-expect-error what a batch returns are outcomes: nothing is left to publish
  @Handle(OrderPlaced, { batch: 10, publish: to(Parcels, ParcelBooked) }) async published(_orders: readonly OrderPlaced[]) {}
}

@Consumer(Parcels)
export class Quotes {
  @Handle(GetQuote) async quote(_asked: GetQuote) {
    return { price: 1 };
  } // the reply's input: currency has a default
  @Handle(GetQuote) now(_asked: GetQuote) {
    return { price: 1, currency: 'EUR' };
  }
  @Handle(GetQuote) async busy(asked: GetQuote) {
    return asked.sku === '' ? reject('no sku') : { price: 1 };
  }

  // @ts-expect-error a request must be answered
  @Handle(GetQuote) async silent(_asked: GetQuote) {}
  // @ts-expect-error on every way out
  @Handle(GetQuote) async halfSilent(asked: GetQuote) {
    return asked.sku === '' ? undefined : { price: 1 };
  }
  // @ts-expect-error another reply
  @Handle(GetQuote) async wrong(_asked: GetQuote) {
    return { price: 'x' };
  }
  // @ts-expect-error a request cannot be handled in batches
  @Handle(GetQuote, { batch: 10 }) async batch(_asked: readonly GetQuote[]) {}
  // @ts-expect-error what a request's handler returns is the reply: it cannot be published as well
  @Handle(GetQuote, { publish: to(Parcels, ParcelBooked) }) async published(_asked: GetQuote) {
    return { orderId: 'a' };
  }
}

@Consumer(Orders, { group: 'pipe' })
export class Pipe {
  @Handle(OrderPlaced, { publish: to(Parcels, ParcelBooked) })
  async book(order: OrderPlaced) {
    return order.total > 0 ? { orderId: order.orderId } : reject('free');
  }
  @Handle(OrderPlaced, { publish: to(Orders, OrderCancelled) }) input(order: OrderPlaced) {
    return { orderId: order.orderId };
  }

  // @ts-expect-error another payload
  @Handle(OrderPlaced, { publish: to(Parcels, ParcelBooked) }) async wrong(order: OrderPlaced) {
    return { total: order.total };
  }
  // @ts-expect-error nothing to publish
  @Handle(OrderPlaced, { publish: to(Parcels, ParcelBooked) }) async silent(_order: OrderPlaced) {}
  // @ts-expect-error the channel does not carry it
  @Handle(OrderPlaced, { publish: to(Parcels, OrderPlaced) }) async elsewhere(order: OrderPlaced) {
    return order;
  }
}

const Measured = message(
  'measured',
  z.object({
    size: z.enum(['s', 'm', 'l']),
    code: z.union([z.string(), z.number()]),
    note: z.string().nullish(),
    paid: z.boolean().optional(),
    id: z.string().brand<'Id'>(),
    at: z.coerce.date<string | Date>(),
    tags: z.array(z.string()),
    nested: z.object({ n: z.number() }),
  }),
);
const id = 'a' as PayloadOf<typeof Measured>['id'];

@Consumer(queue('measured', { messages: [Measured] }))
export class Filters {
  @Handle(OrderPlaced, { where: { total: { gte: 100, lt: 1_000 }, orderId: { prefix: 'eu-' } } }) async bounds(
    _order: OrderPlaced,
  ) {}
  @Handle(OrderPlaced, { where: { total: [1, 2], orderId: 'a' } }) async values(_order: OrderPlaced) {}
  @Handle(Measured, { where: { size: ['s', 'm'], code: ['a', 1], note: 'n', paid: true, id: [id] } }) async all() {}
  @Handle(OrderPlaced, { where: { total: 1 }, batch: 10 }) async batch(_orders: readonly OrderPlaced[]) {}
  @Handle(OrderPlaced, { where: { total: 1 }, publish: to(Parcels, ParcelBooked) }) async published(order: OrderPlaced) {
    return order;
  }

  // @ts-expect-error the payload has no such field
  @Handle(OrderPlaced, { where: { nope: 1 } }) async field(_order: OrderPlaced) {}
  // @ts-expect-error a number compared with a string
  @Handle(OrderPlaced, { where: { total: 'x' } }) async type(_order: OrderPlaced) {}
  // @ts-expect-error a number has no prefix
  @Handle(OrderPlaced, { where: { total: { prefix: '1' } } }) async prefix(_order: OrderPlaced) {}
  // @ts-expect-error a string has no bounds
  @Handle(OrderPlaced, { where: { orderId: { gt: 1 } } }) async bound(_order: OrderPlaced) {}
  // @ts-expect-error no such operator
  @Handle(OrderPlaced, { where: { total: { between: [1, 2] } } }) async operator(_order: OrderPlaced) {}
  // @ts-expect-error not one of the field's values
  @Handle(Measured, { where: { size: 'xl' } }) async value() {}
  // @ts-expect-error nor in a list
  @Handle(Measured, { where: { size: ['s', 'xl'] } }) async values2() {}
  // @ts-expect-error a Date cannot be tested
  @Handle(Measured, { where: { at: '2026-01-01' } }) async date() {}
  // @ts-expect-error nor a list
  @Handle(Measured, { where: { tags: 'a' } }) async list() {}
  // @ts-expect-error top-level fields only
  @Handle(Measured, { where: { nested: { n: 1 } } }) async nested() {}
  // @ts-expect-error in batches the same
  @Handle(OrderPlaced, { where: { nope: 1 }, batch: 10 }) async batchField(_orders: readonly OrderPlaced[]) {}
}
