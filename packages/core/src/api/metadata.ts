// Metadata sits on the class, under registered symbols, as own properties: no global registry, no reflect-metadata, and two
// copies of this package read each other's.

import type { ChannelKind } from '../transport/channel.js';
import type { Channel } from './channels.js';
import type { ConsumerOptions } from './consumer.js';
import type { BatchOptions, HandleOptions, PublishingOptions } from './handlers.js';
import type { MessageType } from './messages.js';

/** One ConsumerEntry: what this class reads. Never inherited. */
export const CONSUMER = Symbol.for('omnibus:consumer');
/** HandlerEntries, one a message and method. */
export const HANDLERS = Symbol.for('omnibus:handlers');
/** Channels whose producers the class asks for. */
export const PRODUCERS = Symbol.for('omnibus:producers');
/** SlotEntries: the properties that hold producers. */
export const SLOTS = Symbol.for('omnibus:slots');

export interface ConsumerEntry {
  readonly channel: Channel;
  readonly options: ConsumerOptions<ChannelKind>;
}

export interface HandlerEntry {
  readonly message: MessageType;
  /** The method. */
  readonly name: string | symbol;
  readonly options: HandleOptions<never> | BatchOptions<never> | PublishingOptions<never, MessageType>;
}

export interface SlotEntry {
  readonly channel: Channel;
  /** The property. */
  readonly name: string | symbol;
}

/** What a list holds one of for each name: methods, properties, channels. */
interface Named {
  readonly name: string | symbol;
}

export function setOwn(target: object, key: symbol, value: unknown): void {
  Object.defineProperty(target, key, { value, configurable: true, enumerable: false });
}

export const getOwn = <T>(target: object, key: symbol): T | undefined =>
  Object.hasOwn(target, key) ? (target as Record<symbol, T>)[key] : undefined;

/** Adds to the class's own list. */
export function append<T extends Named>(target: object, key: symbol, entry: T): void {
  setOwn(target, key, [...(getOwn<readonly T[]>(target, key) ?? []), entry]);
}

/** The lists of the class and its parents, the parents' first. A name that a class gives again counts as that class says only. */
export function listOf<T extends Named>(target: object, key: symbol): readonly T[] {
  const own = getOwn<readonly T[]>(target, key) ?? [];
  const parent = Object.getPrototypeOf(target) as object | null;
  if (parent === null) return own;
  const named = new Set(own.map((entry) => entry.name));
  return [...listOf<T>(parent, key).filter((entry) => !named.has(entry.name)), ...own];
}

/** Runners without `experimentalDecorators` call decorators in the TC39 way: say so here instead of failing later. */
export function legacyOnly(what: string, ...args: readonly unknown[]): void {
  const tc39 = args.some((arg) => typeof arg === 'object' && arg !== null && 'kind' in arg && 'addInitializer' in arg);
  if (tc39)
    throw new TypeError(
      `${what}: this file was compiled with TC39 decorators. Set "experimentalDecorators": true in the tsconfig.json that your runner reads.`,
    );
}

/** A static member belongs to no object that a container makes. */
export function instanceOnly(what: string, prototype: object, name: string | symbol): void {
  if (typeof prototype === 'function')
    throw new TypeError(`${what}: ${prototype.name}.${String(name)} is static; it must be an instance member`);
}

/** The method itself; a static one or an accessor is refused. */
export function methodOf<F>(
  what: string,
  prototype: object,
  name: string | symbol,
  descriptor: PropertyDescriptor | undefined,
): F {
  instanceOnly(what, prototype, name);
  if (typeof descriptor?.value === 'function') return descriptor.value as F;
  throw new TypeError(`${what}: ${prototype.constructor.name}.${String(name)} is not a method`);
}
