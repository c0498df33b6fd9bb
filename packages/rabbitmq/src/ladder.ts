import { CLASSIC, type Declaration, QUORUM } from './declaration.js';

/*
 * How a message waits. For each n from 0 to 20 there is a wait queue of 2^n seconds. A delayed message carries its delay in
 * the routing key, bit by bit, highest first, and then its target: `0.0.….1.0.1.q.orders`. The exchange of level n looks at bit
 * n alone: 1 leads into its wait queue, 0 on to the exchange of level n - 1; a wait queue dead-letters what expires to that
 * same exchange. Below level 0 stands the exchange `omnibus.delay.due`, where queues are bound by their target. All that waits
 * in one queue waits equally long, so nothing stands behind what is due later, and dead-lettering is at least once.
 * The idea of bits in a topic key is that of NServiceBus's delay infrastructure.
 */

const LEVELS = 21;

/** The longest delay: every wait queue once. About 24 days. */
export const LONGEST_DELAY_MS = (2 ** LEVELS - 1) * 1_000;

const PREFIX = 'omnibus.delay';

/** Where a message is once it has waited; queues are bound here by `dueKey`. */
export const DUE = `${PREFIX}.due`;

/**
 * Takes what is due for a queue that is gone: at-least-once dead-lettering would try it for ever, 32 at one time, and hold up the
 * rest. The exchange is not durable: a broker that starts dead-letters before it has read its bindings, and must not take
 * queues for gone then. Until the first application makes the exchange again, such messages wait where they are.
 */
const UNROUTABLE = `${PREFIX}.unroutable`;

/** Takes, and drops, what is due for a topic that nobody listens to; the same fate as without a delay. */
const DISCARD = `${PREFIX}.discard`;

/** A level's exchange and its wait queue share a name. */
const level = (n: number): string => `${PREFIX}.${String(n).padStart(2, '0')}`;

/** An address as one word of a routing key. */
const word = (address: string): string => address.replace(/[.*#%]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);

/** The target part of a key for a queue. */
export const queueTarget = (address: string): string => `q.${word(address)}`;

/** The target part of a key for a type (or `#`, all of them) of a topic. */
export const topicTarget = (address: string, type: string): string => `t.${word(address)}.${type}`;

const ANY_DELAY = '*.'.repeat(LEVELS);

/** What binds a queue to `DUE`. */
export const dueKey = (target: string): string => `${ANY_DELAY}${target}`;

/** Where a message with a delay is published so that it reaches its target when due. `delayMs` above 0 and within `LONGEST_DELAY_MS`. */
export function ladderEntry(delayMs: number, target: string): { readonly exchange: string; readonly routingKey: string } {
  const seconds = Math.ceil(delayMs / 1_000);
  let bits = '';
  for (let n = LEVELS - 1; n >= 0; n--) bits += (seconds & (1 << n)) === 0 ? '0.' : '1.';
  return { exchange: level(31 - Math.clz32(seconds)), routingKey: bits + target };
}

/** Everything that stands between a delayed send and `DUE`. */
export function ladderDeclarations(): readonly Declaration[] {
  const below = (n: number): string => (n === 0 ? DUE : level(n - 1));
  const levels = Array.from({ length: LEVELS }, (_, n): readonly Declaration[] => {
    const higher = '*.'.repeat(LEVELS - 1 - n);
    return [
      { object: 'exchange', name: level(n), durable: true, arguments: {} },
      {
        object: 'queue',
        name: level(n),
        arguments: {
          ...QUORUM,
          'x-message-ttl': 1_000 * 2 ** n,
          'x-dead-letter-exchange': below(n),
          'x-dead-letter-strategy': 'at-least-once',
          'x-overflow': 'reject-publish',
        },
      },
      { object: 'binding', of: 'queue', name: level(n), source: level(n), key: `${higher}1.#` },
      { object: 'binding', of: 'exchange', name: below(n), source: level(n), key: `${higher}0.#` },
    ];
  });
  return [
    { object: 'exchange', name: UNROUTABLE, durable: false, arguments: {} },
    { object: 'queue', name: UNROUTABLE, arguments: QUORUM },
    { object: 'queue', name: DISCARD, arguments: { ...CLASSIC, 'x-max-length': 0 } },
    { object: 'binding', of: 'queue', name: UNROUTABLE, source: UNROUTABLE, key: `${ANY_DELAY}q.#` },
    { object: 'binding', of: 'queue', name: DISCARD, source: UNROUTABLE, key: `${ANY_DELAY}t.#` },
    { object: 'exchange', name: DUE, durable: true, arguments: { 'alternate-exchange': UNROUTABLE } },
    ...levels.flat(),
  ];
}
