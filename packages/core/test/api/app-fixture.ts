import { afterEach } from 'vitest';
import { z } from 'zod';
import { createApp } from '../../src/api/app.js';
import type { App, AppOptions } from '../../src/api/app-types.js';
import { queue } from '../../src/api/channels.js';
import { message } from '../../src/api/messages.js';
import type { Config } from '../../src/config/schema.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { FakeBroker, type FakeOptions, fake } from './fake-transport.js';

export const GetQuote = message('quote.get', z.object({ sku: z.string() }), { reply: z.object({ price: z.number() }) });
export const Quotes = queue('quotes', { messages: [GetQuote] });
export const order = { orderId: 'o1', total: 5 };

let apps: App[] = [];
/** Stopped after the test. */
export const kept = (app: App): App => {
  apps.push(app);
  return app;
};
afterEach(async () => {
  for (const app of apps) await app.stop({ deadlineMs: 0 });
  apps = [];
});

interface Making extends Partial<AppOptions> {
  readonly on?: Partial<FakeOptions>;
  /** More of the configuration. */
  readonly with?: Partial<Config>;
}

/** An app on a broker that tells everything, and the clock of both. */
export async function make({ on, with: more, ...rest }: Making = {}) {
  const broker = on?.broker ?? new FakeBroker();
  const clock = virtualClock();
  const config: Config = { name: 'shop', transports: { one: fake({ ...on, broker }) }, default: 'one', ...more };
  const app = await createApp({ config, transports: [fake], clock, ...rest });
  return { app: kept(app), broker, clock, turn: () => clock.advance(0) };
}

/** What a promise is rejected with: the code of the error, or `none`. */
export const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: unknown) => (error as { code: string }).code,
  );
