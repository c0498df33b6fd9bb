import { randomUUID } from 'node:crypto';
import { type Config, createApp } from '@omnibus/core';
import { Checkout } from './checkout.js';
import { bookkeeper } from './ledger.js';
import { orders } from './orders.js';
import { outcome } from './outcome.js';
import * as print from './print.js';
import { classes, container } from './shop.js';
import { linked } from './transports.js';
import { until } from './until.js';

const DEADLINE_MS = 30_000;

/** Runs the shop once: places orders, waits for what becomes of them, prints the plan and the ledger. False = not as it should be. */
export async function run(config: Config): Promise<boolean> {
  const began = performance.now();
  const services = container();
  const { interceptor, books } = bookkeeper(print.failure);
  const options = { config, container: services, classes, transports: linked, interceptors: [interceptor] };
  await using app = await createApp(options);
  print.plan(app.plan);
  print.line('starting ...');
  await app.start();

  const placed = orders(randomUUID().slice(0, 4));
  print.line(`placing ${placed.length} orders; each asks for its price first`);
  const checkout = services.get(Checkout);
  const charges = await Promise.all(placed.map((order) => checkout.place(order)));

  const shop = outcome(placed, services);
  await until(() => shop.missing() === '' && books(app).held === 0, DEADLINE_MS, shop.missing);

  const answered = placed.filter(({ price }, index) => charges[index]?.amount === price).length;
  const ledger = books(app);
  print.ledger({
    ...ledger,
    isOrderKept: shop.isOrderKept,
    keys: shop.keys,
    answered,
    asked: placed.length,
    tookMs: performance.now() - began,
  });
  return shop.isOrderKept && answered === placed.length;
}
