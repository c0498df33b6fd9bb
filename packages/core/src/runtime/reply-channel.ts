import { replyQueueName } from '../emulate/temporary.js';
import type { Channel } from '../transport/channel.js';
import type { Transport } from '../transport/transport.js';
import type { EngineOptions } from './engine-options.js';
import type { Replies } from './replies.js';
import { exponential } from './retry-policy.js';
import type { ConsumerSpec } from './specs.js';
import { plainQueue } from './topology.js';

/** Replies handled at one time: each only wakes its caller. */
const CONCURRENCY = 64;

/** What every broker takes in the name of a queue: an adapter that has to write a dot otherwise may need a few characters more. */
const NAMES = { maxLength: 72, forbidden: /[^A-Za-z0-9_.-]/g };

/** A reply queue as its broker has it: temporary where that is native, else an ordinary queue. */
export function replyQueue(broker: Transport, address: string): Channel {
  const wanted = plainQueue(address, { temporary: true });
  return broker.capabilities(wanted).native.temporary === undefined ? plainQueue(address) : wanted;
}

/** The consumer of this instance's reply queue on one transport. Where it is temporary it is gone with the instance. */
export function replyConsumer(o: EngineOptions, transport: string, replies: Replies): ConsumerSpec {
  const address = o.replyAddress ?? replyQueueName(o.service, o.instance, NAMES);
  const wire = replyQueue(o.transports.get(transport) as Transport, address);
  const handler = replies.handler(o.claims?.reads(transport) === true ? o.claims : undefined);
  return {
    name: `replies on ${transport}`,
    owner: 'request',
    channel: { wire, transport, maxTtlMs: 0, allows: () => true, groups: [], deadLetters: [], emulateAt: undefined },
    group: undefined,
    address,
    from: 'next',
    temporary: wire.temporary,
    exclusive: true,
    concurrency: CONCURRENCY,
    window: 4 * CONCURRENCY,
    policy: exponential({ attempts: 1 }),
    deadLetter: undefined,
    idempotency: undefined,
    handlers: [handler],
    route: () => handler,
    types: [],
    filter: undefined,
    opaque: undefined,
  };
}
