import type { Channel, Subscription, Topology } from '@omnibus/core/transport';
import { type Arguments, CLASSIC, type Declaration, QUORUM } from './declaration.js';
import { rabbitMqError } from './errors.js';
import { DUE, dueKey, ladderDeclarations, queueTarget, topicTarget } from './ladder.js';
import type { ResolvedOptions } from './options.js';

/** Redeliveries after which the broker itself dead-letters: far above what the engine lets happen at usual attempts. */
const BACKSTOP_LIMIT = 1_000;

/** All that is to stand on the broker for a topology: exchanges, then queues, then bindings; each once. */
export function declarations(topology: Topology, options: ResolvedOptions): readonly Declaration[] {
  const { channels, subscriptions, deadLetters, retries } = topology;
  // a queue's subscription knows more about it than its channel: the first declaration of a name is the one that counts
  const all = [
    ...(options.delay ? ladderDeclarations() : []),
    ...subscriptions.flatMap((subscription) => ofSubscription(subscription, options)),
    ...[...channels, ...retries, ...deadLetters].flatMap((channel) => ofChannel(channel, options)),
  ];
  const once = new Map<string, Declaration>();
  for (const declaration of all) {
    const identity = identityOf(declaration);
    if (!once.has(identity)) once.set(identity, declaration);
  }
  const list = [...once.values()];
  return ['exchange', 'queue', 'binding'].flatMap((object) => list.filter((declaration) => declaration.object === object));
}

const identityOf = (declaration: Declaration): string =>
  declaration.object === 'binding'
    ? JSON.stringify([declaration.of, declaration.name, declaration.source, declaration.key])
    : JSON.stringify([declaration.object, declaration.name]);

function ofChannel(channel: Channel, options: ResolvedOptions): readonly Declaration[] {
  const { address, kind, ordered, temporary } = channel;
  if (kind === 'topic') return [exchange(address)];
  return queue(address, queueArguments({ channel, address, ordered, temporary }, options), options);
}

function ofSubscription(subscription: Subscription, options: ResolvedOptions): readonly Declaration[] {
  const { channel, address } = subscription;
  const own = queue(address, queueArguments(subscription, options), options);
  if (channel.kind !== 'topic') return own;
  const types = subscription.types.length === 0 ? ['#'] : subscription.types;
  const isDelayed = options.delay && channel.maxDelayMs > 0;
  return [
    exchange(channel.address),
    ...own,
    ...types.map((type) => binding(address, channel.address, type)),
    ...(isDelayed ? types.map((type) => binding(address, DUE, dueKey(topicTarget(channel.address, type)))) : []),
  ];
}

/** A queue, and its place where delayed messages come out. */
function queue(name: string, args: Arguments, { delay }: ResolvedOptions): readonly Declaration[] {
  const own: Declaration = { object: 'queue', name, arguments: args };
  return delay ? [own, binding(name, DUE, dueKey(queueTarget(name)))] : [own];
}

const exchange = (name: string): Declaration => ({ object: 'exchange', name, durable: true, arguments: {} });

function binding(name: string, source: string, key: string): Declaration {
  if (Buffer.byteLength(key) <= 255) return { object: 'binding', of: 'queue', name, source, key };
  const why = `'${name}' cannot be bound to '${source}': the routing key '${key}' has more than the 255 bytes that AMQP allows`;
  throw rabbitMqError('TOPOLOGY', `${why}. Give the channel or the message type a shorter name`);
}

type QueueFacts = Pick<Subscription, 'channel' | 'address' | 'ordered' | 'temporary'>;

/** Arguments never change once a queue is there, so they follow from what every service that names it knows. */
function queueArguments({ channel, address, ordered, temporary }: QueueFacts, options: ResolvedOptions): Arguments {
  const single: Arguments = ordered ? { 'x-single-active-consumer': true } : {};
  const isQuorum = options.queueType === 'quorum' && !temporary;
  if (isQuorum) return { ...QUORUM, ...backstop(`${address}.dead`), ...single };
  const levels: Arguments = channel.priorities > 1 ? { 'x-max-priority': channel.priorities - 1 } : {};
  const expiry: Arguments = temporary ? { 'x-expires': options.temporaryExpiryMs } : {};
  return { ...CLASSIC, ...levels, ...expiry, ...single };
}

/**
 * For what ends its consumer again and again before the engine can count it. Where the target does not exist the broker keeps the
 * message until it does: that is what at-least-once means.
 */
function backstop(target: string): Arguments {
  return {
    'x-delivery-limit': BACKSTOP_LIMIT,
    'x-dead-letter-exchange': '',
    'x-dead-letter-routing-key': target,
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
  };
}
