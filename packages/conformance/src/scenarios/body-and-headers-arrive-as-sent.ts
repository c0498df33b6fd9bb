import { deepEqual, equal } from 'node:assert/strict';
import { message } from '@omnibus/core';
import { shape } from '../messages.js';
import type { Scenario } from '../scenario.js';

interface Order {
  readonly id: string;
  readonly total: number;
  readonly express: boolean;
  readonly coupon: string | null;
  readonly lines: readonly { readonly sku: string; readonly count: number }[];
}

const OrderPlaced = message('conformance.order-placed', shape<Order>());

const ORDER: Order = {
  id: 'ø-1 "quoted" \\ 漢字 🚚',
  total: 1_234_567.891,
  express: false,
  coupon: null,
  lines: [
    { sku: 'a/b.c', count: 0 },
    { sku: '', count: -1 },
  ],
};

/** A payload with every kind of JSON in it, a key and two headers. */
export const bodyAndHeadersArriveAsSent: Scenario = {
  check: 1,
  title: 'body and headers arrive as they were sent',
  async run(world) {
    const Orders = world.queue('orders', { messages: [OrderPlaced], key: ({ id }) => id });
    const service = await world.service({ producers: [Orders] });
    const orders = world.handled(OrderPlaced);
    service.consumer(Orders).handle(OrderPlaced, orders.handler);
    await world.start(service);

    const headers = { tenant: 'acme', 'x-priority': 'high' };
    const { id } = await service.producer(Orders).send(OrderPlaced, ORDER, { headers });

    await orders.reaches(1);
    const { payload, context } = orders.all[0]!;
    deepEqual(payload, ORDER);
    deepEqual({ ...context.headers }, headers);
    equal(context.id, id);
    equal(context.key, ORDER.id);
    equal(context.channel, Orders.name);
    equal(context.attempt, 1);
  },
};
