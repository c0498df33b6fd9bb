import type { EngineOptions } from './engine-options.js';
import type { Replies } from './replies.js';
import { exponential } from './retry-policy.js';
import type { ConsumerSpec } from './specs.js';
import { plainQueue } from './topology.js';

/** Replies handled at one time: each only wakes its caller. */
const CONCURRENCY = 64;

/** The consumer of this instance's reply queue on one transport: temporary, gone with the instance. */
export function replyConsumer(o: EngineOptions, transport: string, replies: Replies): ConsumerSpec {
  const address = o.replyAddress ?? `${o.service}.replies.${o.instance}`;
  const handler = replies.handler();
  return {
    name: `replies on ${transport}`,
    owner: 'request',
    channel: { wire: plainQueue(address, { temporary: true }), transport, maxTtlMs: 0, allows: () => true, emulateAt: undefined },
    group: undefined,
    address,
    from: 'next',
    temporary: true,
    exclusive: true,
    concurrency: CONCURRENCY,
    window: 4 * CONCURRENCY,
    policy: exponential({ attempts: 1 }),
    deadLetter: undefined,
    handlers: [handler],
    route: () => handler,
    types: [],
    filter: undefined,
  };
}
