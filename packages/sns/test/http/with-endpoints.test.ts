import { type Capabilities, MessagingError, type Topology, type Transport, virtualClock } from '@omnibus/core/transport';
import { expect, test } from 'vitest';
import type { ListedSubscription } from '../../src/client.js';
import { snsEndpoint } from '../../src/http/door.js';
import { type EndpointAccess, withEndpoints } from '../../src/http/with-endpoints.js';
import { fakeQueue } from './fake-queue.js';
import { confirmationPost, fakeHosts, signed, TOPIC } from './fake-sns.js';
import { START_MS } from './rig.js';
import { groupOf } from './subscription.js';

const QUEUE = 'arn:aws:sqs:eu-west-1:123456789012:orders-shipping';
const URL_TEXT = 'https://public.example/hooks/orders';

interface Found {
  readonly listed?: readonly ListedSubscription[];
  readonly attributes?: Readonly<Record<string, string>>;
  readonly policy?: string;
}

/** Stands for the transport inside and for what AWS answers; records what is asked of AWS to change. */
function parts({ listed = [], attributes = {}, policy }: Found = {}) {
  const clock = virtualClock(START_MS);
  const asked: unknown[] = [];
  const topologies: Topology[] = [];
  const queue = fakeQueue();
  const capabilities: Capabilities = {
    native: {
      receive: 1,
      settleEach: 1,
      retry: 1,
      retryDelay: 1e6,
      release: 1,
      lock: 1e6,
      headers: 1,
      durable: 1,
      delay: 900_000,
    },
    limits: {
      sendBatch: 10,
      sendBytes: 1e6,
      receiveBatch: 10,
      receiveCalls: 16,
      settleBatch: 10,
      delayStepMs: 1_000,
      batchFailure: 'each',
      headers: { count: 8, bytes: 1e6, name: /^/, empty: false },
      body: 'text',
      lingerMs: 5,
    },
    caveats: [],
  };
  const inner: Transport = {
    system: 'aws_sns',
    kinds: ['queue', 'topic'],
    capabilities: () => capabilities,
    connect: async () => {},
    provision: async (topology) => {
      topologies.push(topology);
      return [];
    },
    sender: () => Promise.reject(new Error('not asked for')),
    receiver: async () => queue.open(clock),
    health: async () => ({ ok: true, why: undefined }),
    close: async () => {},
  };
  const access = {
    client: {
      subscriptions: async (_: string, __: string, next: string | undefined) =>
        next === undefined ? { items: [], next: '2' } : { items: listed, next: undefined },
      subscriptionAttributes: async () => attributes,
      setSubscriptionAttribute: async (_: string, arn: string, name: string, value: string) =>
        void asked.push([arn, name, value]),
      subscribe: async (_: string, ...rest: unknown[]) => {
        asked.push(rest);
        return 'pending confirmation';
      },
    },
    queues: {
      find: async () => ({ url: 'queue-url', arn: QUEUE, policy }),
      setPolicy: async (_: string, url: string, text: string) => void asked.push([url, JSON.parse(text)]),
    },
    topics: { arn: async () => TOPIC, find: async () => TOPIC },
  } as unknown as EndpointAccess;
  const endpoint = snsEndpoint();
  const transport = withEndpoints(inner, {
    endpoints: { 'orders/shipping': { url: URL_TEXT, endpoint } },
    clock,
    access: () => access,
    get: fakeHosts().get,
  });
  return { transport, asked, topologies, endpoint, clock, queue };
}

const group = groupOf(8);
const topology: Topology = { channels: [group.channel], subscriptions: [group], deadLetters: [], retries: [] };
const REDRIVE = JSON.stringify({ deadLetterTargetArn: QUEUE });
const ALLOWED = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: QUEUE,
      Condition: { ArnEquals: { 'aws:SourceArn': TOPIC } },
    },
  ],
});
const STANDING = { arn: `${TOPIC}:11111111-2222-3333-4444-555555555555`, protocol: 'https', endpoint: URL_TEXT };

test('a posted group has its queue and no subscription of it; its URL is subscribed when it answers, and the start waits until it is confirmed', async () => {
  const { transport, asked, topologies, endpoint, clock } = parts();
  expect(await transport.provision(topology, 'create')).toEqual([]);
  expect(topologies[0]!.subscriptions).toMatchObject([
    { address: 'orders.shipping', group: undefined, channel: { kind: 'queue' } },
  ]);
  expect(asked).toMatchObject([
    ['queue-url', { Statement: [{ Resource: QUEUE, Condition: { ArnEquals: { 'aws:SourceArn': TOPIC } } }] }],
  ]);
  const opening = transport.receiver(group);
  await expect.poll(() => asked.length).toBe(2);
  expect(asked[1]).toEqual([TOPIC, 'https', URL_TEXT, { RawMessageDelivery: 'false', RedrivePolicy: REDRIVE }]);
  expect(await transport.health()).toEqual({ ok: false, why: expect.stringContaining('waits to be confirmed') });
  const body = JSON.stringify(signed(confirmationPost(clock, 'SubscriptionConfirmation')));
  expect(await endpoint.handle({ method: 'POST', headers: {}, body })).toMatchObject({ status: 200 });
  const receiver = await opening;
  expect(await transport.health()).toEqual({ ok: true, why: undefined });
  await receiver.close();
  expect(clock.pending).toBe(0);
});

test('a confirmation that does not come within 10 s lets the app start, and health says what is missing', async () => {
  const { transport, clock } = parts();
  await transport.provision(topology, 'create');
  const opening = transport.receiver(group);
  await clock.advance(10_000);
  const receiver = await opening;
  expect(await transport.health()).toMatchObject({ ok: false });
  await receiver.close();
});

test('a subscription that stands is left alone, and lacks nothing', async () => {
  const { transport, asked } = parts({ listed: [STANDING], attributes: { RedrivePolicy: REDRIVE }, policy: ALLOWED });
  for (const mode of ['create', 'verify'] as const) expect(await transport.provision(topology, mode)).toEqual([]);
  await (await transport.receiver(group)).close();
  expect(asked).toEqual([]);
});

test('a subscription that SNS cannot fall back for gets the queue of the group to fall back on', async () => {
  const { transport, asked } = parts({ listed: [STANDING], policy: ALLOWED });
  expect(await transport.provision(topology, 'verify')).toMatchObject([{ property: 'RedrivePolicy', found: 'missing' }]);
  expect(await transport.provision(topology, 'create')).toEqual([]);
  expect(asked).toEqual([[STANDING.arn, 'RedrivePolicy', REDRIVE]]);
});

test('verify changes nothing and tells what is missing; raw delivery is drift, as raw posts are not signed', async () => {
  const { transport, asked } = parts();
  expect((await transport.provision(topology, 'verify')).map(({ property }) => property)).toEqual(['Policy', 'existence']);
  const pending = parts({ listed: [{ ...STANDING, arn: 'PendingConfirmation' }], policy: ALLOWED });
  expect((await pending.transport.provision(topology, 'verify')).map(({ property }) => property)).toEqual(['confirmation']);
  const raw = parts({ listed: [STANDING], attributes: { RawMessageDelivery: 'true', RedrivePolicy: REDRIVE }, policy: ALLOWED });
  expect((await raw.transport.provision(topology, 'create')).map(({ property }) => property)).toEqual(['RawMessageDelivery']);
  await (await transport.receiver(group)).close();
  expect(asked).toEqual([]);
});

test('a group that the configuration only names is not subscribed from here: nothing answers at its URL', async () => {
  const { transport, asked } = parts();
  const named = { ...topology, subscriptions: [groupOf(8, { from: 'first' })] };
  expect(await transport.provision(named, 'create')).toEqual([]);
  expect(asked).toEqual([]);
});

test('an endpoint of no group of the app is CONFIG, by name', async () => {
  const { transport } = parts();
  await expect(transport.provision({ ...topology, subscriptions: [] }, 'create')).rejects.toMatchObject({
    code: 'CONFIG',
    message: expect.stringContaining("'orders/shipping'"),
  });
});

test('a receiver whose URL cannot be subscribed is closed again', async () => {
  const { transport, endpoint, queue, asked } = parts();
  await transport.provision(topology, 'create');
  asked.push = () => {
    throw new MessagingError('DENIED', 'no');
  };
  await expect(transport.receiver(group)).rejects.toMatchObject({ code: 'DENIED' });
  expect(queue.closed).toBe(1);
  expect(await endpoint.handle({ method: 'POST', headers: {}, body: '' })).toMatchObject({ status: 503 });
});

test('only its posts differ: a posted group has no retry, delay or lock of SNS, and nothing at all on FIFO topics', () => {
  const { transport } = parts();
  const { native, limits } = transport.capabilities(group);
  expect(Object.keys(native).toSorted()).toEqual(['delay', 'durable', 'headers', 'receive', 'release', 'settleEach']);
  expect(limits).toMatchObject({ holdMs: 14_000, receiveCalls: 1, settleBatch: 10 });
  expect(transport.capabilities(groupOf(8, { ordered: true })).native.receive).toBeUndefined();
  expect(transport.capabilities(groupOf(8, { temporary: true })).native.receive).toBeUndefined();
  expect(transport.capabilities(groupOf(8, { group: 'other' })).native.retry).toBe(1);
});
