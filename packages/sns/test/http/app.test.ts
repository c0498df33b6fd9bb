import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { broker } from '@omnibus/brokers';
import { createApp, exponential, message, topic } from '@omnibus/core';
import { defineTransport, type Message, systemClock } from '@omnibus/core/transport';
import { toWire } from '@omnibus/sqs';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { openClient, openQueues } from '../../src/client.js';
import { snsEndpoint } from '../../src/http/door.js';
import type { EndpointOptions } from '../../src/http/options.js';
import { type EndpointAccess, withEndpoints } from '../../src/http/with-endpoints.js';
import { type ResolvedOptions, type SnsOptions, options as snsOptions } from '../../src/options.js';
import { snsTransport } from '../../src/sns.js';
import { topics } from '../../src/topics.js';
import { confirmationPost, deliver, type Fields, fakeHosts, notification, signed } from './fake-sns.js';

/* SQS and SNS are the run's emulator, which posts nothing: what SNS posts comes from the fake. */

const found = await broker('aws');
afterAll(async () => {
  if (found.available) await found.dispose();
});

interface Order {
  readonly orderId: string;
}

const order = {
  '~standard': {
    version: 1 as const,
    vendor: 'test',
    types: undefined as { readonly input: Order; readonly output: Order } | undefined,
    validate: (value: unknown) => ({ value: value as Order }),
  },
};
const OrderPlaced = message('order.placed', order);
let apps = 0;

type Options = SnsOptions & { readonly endpoints: Readonly<Record<string, EndpointOptions>> };

/** The sns transport with the option `endpoints`, its certificates from the fake. */
function factory(get: ReturnType<typeof fakeHosts>['get']) {
  return defineTransport<Options, ResolvedOptions & Options>({
    transport: 'sns',
    options: { ...snsOptions, endpoints: { type: 'any', description: 'Groups that SNS posts to.' } },
    create: (options, environment) => {
      const { endpoints, ...others } = options; // put around it here, for the sake of `get`
      const inner = snsTransport(others, environment);
      let access: EndpointAccess | undefined;
      const transport = withEndpoints(inner, {
        endpoints,
        clock: environment.clock,
        access: () => access!,
        get,
      });
      return {
        ...transport,
        async connect() {
          await inner.connect();
          const client = await openClient(options, environment.clock);
          access = { client, queues: await openQueues(options, environment.clock), topics: topics(client, undefined) };
        },
        async close() {
          await transport.close();
          access?.client.close();
          access?.queues.close();
        },
      };
    },
  });
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test.skipIf(!found.available)(
  `a group of a topic is posted to: confirmed at start, handled, retried by its queue, dead-lettered, redriven${found.available ? '' : ` [not run: ${found.reason}]`}`,
  async () => {
    if (!found.available) return;
    const { url: endpoint, region, credentials } = found;
    const Orders = topic(`posted-${Date.now()}-${apps++}`, { messages: [OrderPlaced] });
    const { get, asked } = fakeHosts();
    const sns = factory(get);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/hooks/orders`;
    const endpoints = { [`${Orders.name}/shipping`]: { url, listen: { host: '127.0.0.1', port } } };
    const app = await createApp({
      config: {
        name: 'posted',
        transports: { aws: sns({ endpoint, region, credentials, waitMs: 1_000, endpoints }) },
        default: 'aws',
      },
    });
    onTestFinished(() => app.stop());
    const seen: string[] = [];
    let isBetter = false;
    app
      .consumer(Orders, { group: 'shipping', retry: exponential({ attempts: 2, firstMs: 1_000, maxMs: 1_000, jitter: 'none' }) })
      .handle(OrderPlaced, ({ orderId }, { attempt }) => {
        seen.push(`${orderId}${isBetter ? ' again' : ''} ${attempt}`);
        if (isBetter) return;
        if (orderId === 'dead' || (orderId === 'again' && attempt === 1)) throw new Error('not today');
      });
    expect(app.plan.toString()).toContain(`is posted to over HTTP: a handler has to end within 14 s`);

    const clients = { endpoint, region, credentials, callTimeoutMs: 10_000 };
    const client = await openClient(clients, systemClock);
    onTestFinished(() => client.close());
    const starting = app.start();
    let topicArn: string | undefined;
    await expect
      .poll(async () => (topicArn = await topics(client, undefined).find(Orders.name, false)), { timeout: 10_000 })
      .toBeDefined();
    const confirm = deliver(url, signed(confirmationPost(systemClock, 'SubscriptionConfirmation', 'tok', topicArn)), {
      ...systemClock,
      timer: (_, callback, ref) => systemClock.timer(100, callback, ref), // SNS's 20 s between tries
    });
    expect((await confirm).at(-1)).toBe(200);
    await starting;
    expect(asked.some((each) => each.includes('Action=ConfirmSubscription'))).toBe(true);
    const { items } = await client.subscriptions('the test', topicArn!, undefined);
    expect(items).toMatchObject([{ protocol: 'http', endpoint: url }]);

    const publish = (orderId: string): Fields => {
      const { body, attributes } = toWire(placed(orderId));
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([name, { DataType, StringValue }]) => [name, { Type: DataType!, Value: StringValue! }]),
      );
      return signed(notification(systemClock, body, { attributes: MessageAttributes, topicArn: topicArn! }), '2');
    };
    const forged = { ...publish('forged'), Message: '{"orderId":"other"}' };
    expect(await deliver(url, forged, systemClock)).toEqual([403]);
    expect(await Promise.all(['good', 'again', 'dead'].map((id) => deliver(url, publish(id), systemClock)))).toEqual([
      [200],
      [200],
      [200],
    ]);
    await expect.poll(() => seen.toSorted(), { timeout: 15_000 }).toEqual(['again 1', 'again 2', 'dead 1', 'dead 2', 'good 1']);
    isBetter = true;
    await expect.poll(() => app.redrive(Orders, 'shipping'), { timeout: 10_000 }).toBe(1);
    await expect.poll(() => seen.includes('dead again 1'), { timeout: 15_000 }).toBe(true);
    expect((await app.health()).ok).toBe(true);
    await app.stop();
    expect(
      await deliver(url, publish('late'), { ...systemClock, timer: (_, callback, ref) => systemClock.timer(1, callback, ref) }),
    ).toEqual([0, 0, 0, 0]);
  },
  60_000,
);

test.skipIf(!found.available)('what a posted group cannot have is refused at startup, by name', async () => {
  const sns = factory(fakeHosts().get);
  const url = 'https://public.example/hooks';
  const Ordered = topic('ordered', { messages: [OrderPlaced], key: ({ orderId }) => orderId, ordered: true });
  const Plain = topic('plain', { messages: [OrderPlaced] });
  const at = { url, endpoint: snsEndpoint() };
  const endpoints = { 'ordered/shipping': at, 'plain/shipping': { ...at, endpoint: snsEndpoint() } };
  const app = await createApp({
    config: { name: 'posted', transports: { aws: sns({ region: 'us-east-1', endpoints }) }, default: 'aws' },
  });
  app.consumer(Ordered, { group: 'shipping' }).handle(OrderPlaced, () => {});
  app.consumer(Plain, { group: 'shipping' }).handle(OrderPlaced, { timeoutMs: 10_000 }, () => {});
  const refused = app.plan.rulings.filter(({ ruling }) => ruling === 'refuse');
  expect(refused.map(({ endpoint, feature }) => [endpoint, feature])).toEqual(
    expect.arrayContaining([
      ['ordered/shipping', 'receive'],
      ['plain/shipping', 'lock'],
    ]),
  );
  await expect(app.start()).rejects.toMatchObject({ code: 'CAPABILITY', message: expect.stringContaining('ordered/shipping') });
});

const placed = (orderId: string): Message => ({
  id: `id-${orderId}`,
  type: 'order.placed',
  time: Date.now(),
  contentType: 'application/json',
  body: Buffer.from(JSON.stringify({ orderId })),
  headers: { 'ce-source': 'test' },
  key: undefined,
  correlationId: undefined,
  replyTo: undefined,
  delayMs: 0,
  expiresAt: Number.POSITIVE_INFINITY,
  priority: 0,
});
