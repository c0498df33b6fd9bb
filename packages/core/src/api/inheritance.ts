import type { ConsumerClass } from './decorators.js';
import { listOf, SLOTS, type SlotEntry } from './metadata.js';

/** Where inversify keeps what it knows of a class (inversify 8, `@inversifyjs/core`). */
const INVERSIFY = '@inversifyjs/core/classMetadataReflectKey';

interface ClassMetadata {
  readonly constructorArguments?: readonly unknown[];
  readonly properties?: ReadonlyMap<string | symbol, unknown>;
}

/** inversify gives a subclass what its parent asks for only with @injectFromBase(); without it a property silently stays empty. */
export function inheritanceProblems(cls: ConsumerClass): readonly string[] {
  const { name } = cls;
  const problems: string[] = [];
  const known = metadataOf(cls);
  if (inheritsConstructor(cls, known)) {
    const parent = (Object.getPrototypeOf(cls) as { name: string }).name;
    problems.push(
      `${name} inherits its constructor from ${parent}, and inversify injects nothing into an inherited constructor: write the constructor, or add @injectFromBase()`,
    );
  }
  const missing = listOf<SlotEntry>(cls, SLOTS).filter((slot) => known?.properties?.has(slot.name) !== true);
  const channels = [...new Set(missing.map(({ channel }) => `"${channel.name}"`))];
  if (channels.length > 0)
    problems.push(
      `${name} inherits @InjectProducer or @Publish members for ${channels.join(', ')}, and inversify injects nothing into inherited properties: add @injectFromBase({ extendProperties: true })`,
    );
  return problems;
}

function inheritsConstructor(cls: ConsumerClass, known: ClassMetadata | undefined): boolean {
  const parent = Object.getPrototypeOf(cls) as { readonly length: number };
  if (parent === Function.prototype || cls.length > 0 || parent.length === 0) return false;
  return (known?.constructorArguments?.length ?? 0) === 0;
}

function metadataOf(cls: ConsumerClass): ClassMetadata | undefined {
  const reflect = Reflect as { getOwnMetadata?: (key: string, target: object) => ClassMetadata | undefined };
  return reflect.getOwnMetadata?.(INVERSIFY, cls);
}
