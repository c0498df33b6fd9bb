import 'reflect-metadata/lite'; // the part that inversify loads itself
import { inject } from 'inversify';
import type { Channel } from '../api/channels.js';
import { append, instanceOnly, legacyOnly, PRODUCERS, SLOTS, type SlotEntry } from '../api/metadata.js';
import type { Producer } from '../api/producer.js';
import { producerToken } from '../api/tokens.js';

/** What `@InjectProducer` gives: a decorator of constructor parameters and of instance properties that take a `V`. */
export type InjectDecorator<V> = <
  T extends object,
  N extends string | symbol | undefined,
  I extends number | undefined = undefined,
>(
  target: T,
  name: N & TakenByProperty<V, T, N>,
  index?: I & TakenByParameter<V, T, I>,
) => void;

type TakenByProperty<V, T, N> = N extends undefined
  ? unknown
  : T extends { readonly prototype: unknown }
    ? { readonly 'a static property belongs to no object': never }
    : N extends keyof T
      ? V extends T[N]
        ? unknown
        : { readonly 'the property must take': V }
      : unknown; // a private property: nobody outside sees its type

type TakenByParameter<V, T, I> = I extends number
  ? T extends abstract new (
      ...args: infer A
    ) => unknown
    ? V extends A[I]
      ? unknown
      : { readonly 'the parameter must take': V }
    : { readonly 'the parameter must be one of a public constructor': never }
  : unknown;

/**
 * Injects the producer of a channel into a constructor parameter or a property. The type of a parameter or of a public
 * property is checked; that of a private property cannot be seen from outside.
 * @throws TypeError on a static property, or where the file was compiled with TC39 decorators.
 */
export function InjectProducer<C extends Channel>(channel: C): InjectDecorator<Producer<C>> {
  const decorate = inject(producerToken(channel)) as (target: object, name: string | symbol | undefined, index?: number) => void;
  return (target, name, index) => {
    legacyOnly('@InjectProducer', name);
    if (name !== undefined) instanceOnly('@InjectProducer', target, name);
    decorate(target, name, index);
    const owner = name === undefined ? target : target.constructor;
    append<Channel>(owner, PRODUCERS, channel);
    if (name !== undefined) append<SlotEntry>(owner, SLOTS, { channel, name });
  };
}
