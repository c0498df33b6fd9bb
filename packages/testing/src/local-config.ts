import type { Config, TransportDefinition, TransportFactory } from '@omnibus/core';
import type { Clock } from '@omnibus/core/transport';
import { type MemoryBroker, memory, memoryBroker } from '@omnibus/memory';
import { like } from './like.js';

/** A configuration whose transports all stay in this process. */
export interface LocalConfig {
  readonly config: Config;
  /** Behind the default transport. */
  readonly broker: MemoryBroker;
}

/** Gives every transport of a configuration a broker of its own, in memory; one that is named nowhere is called `test`. */
export function localConfig(given: Partial<Config>, other: TransportFactory | undefined, clock: Clock): LocalConfig {
  const asked: Config['transports'] = given.transports ?? { [given.default ?? 'test']: { use: other?.transport ?? 'memory' } };
  const brokers = new Map<string, MemoryBroker>();
  const transports: Record<string, TransportDefinition> = {};
  for (const [name, definition] of Object.entries(asked)) {
    const broker = memoryBroker({ clock });
    brokers.set(name, broker);
    transports[name] = local(definition, other, broker);
  }
  const chosen = given.default ?? Object.keys(asked)[0] ?? 'test';
  return {
    config: { name: 'test', ...given, transports, default: chosen, provision: 'create' },
    broker: brokers.get(chosen) ?? memoryBroker({ clock }),
  };
}

function local({ use, ...options }: TransportDefinition, other: TransportFactory | undefined, broker: MemoryBroker) {
  if (other !== undefined) return like(other, broker)(use === other.transport ? options : {});
  return memory(use === memory.transport ? { ...options, broker } : { broker });
}
