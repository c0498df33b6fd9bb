import {
  type Capabilities,
  type Channel,
  type Feature,
  isSubscription,
  type Limits,
  type Subscription,
} from '@omnibus/core/transport';
import type { MemoryOptions } from './options.js';

const UNLIMITED = Number.POSITIVE_INFINITY;

/** What a memory broker takes where no other transport's limits are put on: anything, in batches that end within a turn. */
export const LIMITS: Limits = Object.freeze({
  sendBatch: 1_000,
  sendBytes: UNLIMITED,
  receiveBatch: 1_000,
  receiveCalls: 1,
  settleBatch: 1_000,
  delayStepMs: 0,
  batchFailure: 'each',
  headers: { count: UNLIMITED, bytes: UNLIMITED, name: /^/, empty: true },
  body: 'bytes',
  lingerMs: 0,
});

const EVERYWHERE: Capabilities['native'] = {
  receive: UNLIMITED,
  settleEach: UNLIMITED,
  retry: UNLIMITED,
  retryDelay: UNLIMITED,
  release: UNLIMITED,
  lock: UNLIMITED,
  ordering: UNLIMITED,
  ttl: UNLIMITED,
  headers: UNLIMITED,
  temporary: UNLIMITED,
  durable: UNLIMITED,
};

const BY_KIND = {
  queue: { delay: UNLIMITED },
  topic: { delay: UNLIMITED, filter: UNLIMITED },
  stream: { replay: UNLIMITED, filter: UNLIMITED },
} satisfies Record<Channel['kind'], Capabilities['native']>;

/** Levels of an unordered queue. */
const PRIORITIES = 255;

/** What a memory endpoint can do with these options, with or without a broker. */
export function memoryCapabilities(
  options: Pick<MemoryOptions, 'without' | 'capabilities'> = {},
): (endpoint: Channel | Subscription) => Capabilities {
  const { without = [], capabilities: like } = options;
  return (endpoint) => {
    const own = ownCapabilities(endpoint);
    const theirs = like?.(endpoint);
    const native = Object.fromEntries(
      (Object.entries(own.native) as [Feature, number][])
        .filter(([feature]) => !without.includes(feature))
        .map(
          ([feature, ceiling]) =>
            [feature, theirs === undefined ? ceiling : Math.min(ceiling, theirs.native[feature] ?? -1)] as const,
        )
        .filter(([, ceiling]) => ceiling >= 0),
    );
    if (theirs === undefined) return { native, limits: own.limits, caveats: own.caveats };
    return { native, limits: lower(own.limits, theirs.limits), caveats: [...own.caveats, ...theirs.caveats] };
  };
}

function ownCapabilities(endpoint: Channel | Subscription): Capabilities {
  const { kind } = isSubscription(endpoint) ? endpoint.channel : endpoint;
  const levels = kind !== 'stream' && !endpoint.ordered ? { priority: PRIORITIES } : {};
  return { native: { ...EVERYWHERE, ...BY_KIND[kind], ...levels }, limits: LIMITS, caveats: caveats(kind) };
}

function caveats(kind: Channel['kind']): readonly string[] {
  const common = ['memory: messages live in this process and end with it'];
  if (kind !== 'stream') return common;
  return [
    ...common,
    "memory: a stream's messages are acknowledged one by one; the committed position is the lowest unsettled one",
  ];
}

/** The other's limits, in batches that memory takes. */
const lower = (own: Limits, theirs: Limits): Limits => ({
  ...theirs,
  sendBatch: Math.min(own.sendBatch, theirs.sendBatch),
  receiveBatch: Math.min(own.receiveBatch, theirs.receiveBatch),
  settleBatch: Math.min(own.settleBatch, theirs.settleBatch),
});
