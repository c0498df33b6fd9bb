import { describe, expect, it } from 'vitest';
import type { Handler } from '../../src/runtime/handler.js';
import { refusals, SAFE } from '../../src/runtime/negotiate.js';
import { exponential } from '../../src/runtime/retry-policy.js';
import { rulings } from '../../src/runtime/rulings.js';
import type { ChannelSpec, ConsumerSpec } from '../../src/runtime/specs.js';
import { plainQueue } from '../../src/runtime/topology.js';
import type { Capabilities, Feature } from '../../src/transport/capabilities.js';
import type { Channel } from '../../src/transport/channel.js';
import type { Transport } from '../../src/transport/transport.js';
import { handlerOf } from './engine-fakes.js';
import { limitsOf } from './fakes.js';

const ALL = { receive: 1, settleEach: 1, retry: 1, retryDelay: 900_000, delay: 900_000, durable: 1, headers: 1, release: 1 };

const placed = (wire: Partial<Channel>, allows: (feature: Feature) => boolean, maxTtlMs = 0): ChannelSpec => ({
  wire: plainQueue('orders', wire),
  transport: 'cloud',
  maxTtlMs,
  allows,
  groups: [],
  deadLetters: [],
  emulateAt: 'omnibus.yaml:9',
});

interface Case {
  readonly native?: Capabilities['native'];
  readonly wire?: Partial<Channel>;
  readonly allows?: (feature: Feature) => boolean;
  readonly handler?: Partial<Handler>;
  readonly consumer?: Partial<ConsumerSpec>;
  readonly maxTtlMs?: number;
  readonly holdMs?: number;
  readonly count?: number;
}

function ruled({
  native = ALL,
  wire = {},
  allows = (feature) => SAFE.has(feature),
  handler,
  consumer,
  maxTtlMs,
  holdMs,
  count,
}: Case) {
  const headers = { count: count ?? Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY, name: /^/, empty: true };
  const transport = {
    system: 'fake',
    kinds: ['queue', 'topic'],
    capabilities: () => ({ native, limits: limitsOf({ holdMs, headers }), caveats: ['fake: forgets everything'] }),
  } as unknown as Transport;
  const channel = placed(wire, allows, maxTtlMs);
  const spec: ConsumerSpec = {
    name: 'orders/shipping',
    owner: 'Shipping',
    channel,
    group: channel.wire.kind === 'queue' ? undefined : 'shipping',
    address: 'orders.shipping',
    from: 'next',
    temporary: false,
    exclusive: false,
    concurrency: 1,
    window: 4,
    policy: exponential(),
    deadLetter: undefined,
    idempotency: undefined,
    handlers: [handlerOf(handler)],
    route: () => undefined,
    types: [],
    filter: undefined,
    opaque: undefined,
    ...consumer,
  };
  return rulings({ transports: new Map([['cloud', transport]]), consumers: [spec], producers: [] });
}

const without = (...features: readonly Feature[]): Capabilities['native'] =>
  Object.fromEntries(Object.entries(ALL).filter(([feature]) => !features.includes(feature as Feature)));
const dead = placed({ address: 'dead' }, () => true);

describe('what a broker cannot do', () => {
  it.each<[string, Case, string]>([
    [
      'a kind',
      { wire: { kind: 'stream' } },
      'a stream, and transport "cloud" (fake) carries queue, topic only: put the channel on a transport that carries it, channels: { orders: { transport: <its name> } }.',
    ],
    [
      'durability',
      { native: without('durable') },
      'messages that survive a restart of the broker: transport "cloud" (fake) has none. It cannot be emulated: do without it, or put the channel on a transport that has it, channels: { orders: { transport: <its name> } }.',
    ],
    [
      'order',
      { wire: { ordered: true } },
      'order per key: transport "cloud" (fake) has none. To allow the emulator (lanes in this process), say emulate: [safe, ordering] at omnibus.yaml:9 and exclusive: true on the consumer, as order then holds in one process only.',
    ],
    [
      'a long delay on an ordered channel',
      {
        wire: { ordered: true },
        native: { ...without('release'), ordering: 1 },
        consumer: { policy: exponential({ maxMs: 60_000 }) },
      },
      'retries after up to 60,000 ms on an ordered channel (over 30,000 ms the broker has to hold the key): transport "cloud" (fake) has none. It cannot be emulated: let retries wait for less, consumers: { orders/shipping: { retry: { maxMs: 30000 } } }, or put',
    ],
    [
      'a long delay on a log',
      {
        wire: { kind: 'topic' },
        native: { ...without('settleEach', 'retry', 'retryDelay'), replay: 1 },
        consumer: { policy: exponential({ maxMs: 60_000 }) },
      },
      'retries after up to 60,000 ms (over 30,000 ms on a log): transport "cloud" (fake) has none. It cannot be emulated: let retries wait for less, consumers: { orders/shipping: { retry: { maxMs: 30000 } } }, or put the channel on a transport that has it,',
    ],
    [
      'a dead-letter channel where nothing may be emulated',
      { allows: () => false, consumer: { deadLetter: dead } },
      'a dead-letter channel: transport "cloud" (fake) leaves it to the core. To allow the emulator (a confirmed copy to dead, then ack), say emulate: [safe, reject] at omnibus.yaml:9.',
    ],
    [
      'a long handler timeout',
      { holdMs: 60_000, handler: { timeoutMs: 31_000 } },
      'a handler timeout of 31,000 ms (at most half of the 60,000 ms that this broker lets a message be held): transport "cloud" (fake) has none. It cannot be emulated: give the handler less time, timeoutMs or handlerTimeoutMs, or put',
    ],
  ])('is refused by name: %s', (_, how, text) => {
    const refused = refusals(ruled(how).rulings);
    expect(refused?.code).toBe('CAPABILITY');
    expect(refused?.message).toContain(`- Shipping (orders/shipping) needs ${text}`);
  });

  it('is emulated where that is allowed, and the plan says how', () => {
    const { rulings: rows, caveats } = ruled({
      wire: { kind: 'topic' },
      native: { ...without('settleEach', 'retry', 'retryDelay'), replay: 1 },
      count: 10,
      maxTtlMs: 1_000,
      consumer: { deadLetter: dead, filter: {} },
    });
    expect(Object.fromEntries(rows.map(({ feature, ruling }) => [feature, ruling]))).toEqual({
      receive: 'native',
      durable: 'native',
      settleEach: 'emulate',
      retry: 'emulate',
      reject: 'emulate',
      filter: 'emulate',
      ttl: 'emulate',
      headers: 'emulate',
    });
    expect(rows.find(({ feature }) => feature === 'retry')?.how).toContain('waits in this process');
    expect(rows.find(({ feature }) => feature === 'headers')?.how).toContain('packed');
    expect(caveats).toEqual(['fake: forgets everything']);
  });
});

it('a plan prints one line a ruling', () => {
  const lines = String(ruled({ native: without('settleEach'), allows: () => false })).split('\n');
  expect(lines).toEqual([
    'endpoint         transport  feature     ruling   how',
    'orders/shipping  cloud      receive     native',
    'orders/shipping  cloud      durable     native',
    expect.stringMatching(/^orders\/shipping {2}cloud {6}settleEach {2}REFUSED {2}messages settled one by one: /),
    'orders/shipping  cloud      retryDelay  native   up to 900,000',
    'orders/shipping  cloud      headers     native',
    'note: fake: forgets everything',
  ]);
});
