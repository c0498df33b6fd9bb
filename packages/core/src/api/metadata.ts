// Metadata sits on the class, under registered symbols, as own properties: no global registry, no reflect-metadata, and two
// copies of this package read each other's.
import type { Channel } from './channels.js';
import type { ConsumerOptions } from './consumer.js';
import type { BatchOptions, HandleOptions, PublishingOptions } from './handlers.js';
import type { ChannelKind } from '../transport/channel.js';
import type { MessageType } from './messages.js';

export const CONSUMER = Symbol.for('omnibus:consumer');
export const HANDLERS = Symbol.for('omnibus:handlers');
export const PRODUCERS = Symbol.for('omnibus:producers');

export interface ConsumerEntry {
  readonly channel: Channel;
  readonly options: ConsumerOptions<ChannelKind>;
}

export interface HandlerEntry {
  readonly message: MessageType;
  readonly name: string | symbol;
  readonly options: HandleOptions<never> | BatchOptions<never> | PublishingOptions<never, MessageType>;
}

const define = (target: object, key: symbol, value: unknown): void => void Object.defineProperty(target, key, { value, configurable: true, enumerable: false });

/** Adds to a list on the class; a subclass starts with its parent's entries and leaves those untouched. */
export function append(target: object, key: symbol, entry: unknown): void {
  define(target, key, [...listOf(target, key), entry]);
}

/** The list on the class, its parents' entries first. */
export function listOf<T>(target: object, key: symbol): readonly T[] {
  return (target as Record<symbol, readonly T[] | undefined>)[key] ?? [];
}

export const setOwn = define;
export const getOwn = <T>(target: object, key: symbol): T | undefined => (Object.hasOwn(target, key) ? (target as Record<symbol, T>)[key] : undefined);

/** Runners without `experimentalDecorators` call decorators in the TC39 way: say so here instead of failing later. */
export function legacyOnly(what: string, ...args: readonly unknown[]): void {
  const tc39 = args.some((arg) => typeof arg === 'object' && arg !== null && 'kind' in arg && 'metadata' in arg);
  if (tc39) throw new TypeError(`${what}: this file was compiled with TC39 decorators. Set "experimentalDecorators": true in the tsconfig.json that your runner reads.`);
}
