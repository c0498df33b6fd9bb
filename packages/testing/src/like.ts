import type { Capabilities, Channel, OptionSpec, Subscription, Transport, TransportFactory } from '@omnibus/core/transport';
import { defineTransport } from '@omnibus/core/transport';
import { type MemoryBroker, memory } from '@omnibus/memory';

/** A transport that says it is another, takes its options and keeps to its limits, on a broker in memory. */
export function like(other: TransportFactory, broker: MemoryBroker): TransportFactory<object> {
  return defineTransport<object, Readonly<Record<string, unknown>>>({
    transport: other.transport,
    options: optional(other.options),
    create(options, environment): Transport {
      const theirs = other.create(options, environment);
      const capabilities = (endpoint: Channel | Subscription) => unhurried(theirs.capabilities(endpoint));
      const ours = memory.create({ ...defaultsOf(memory.options), broker, capabilities }, environment);
      return { ...ours, system: theirs.system, kinds: theirs.kinds };
    },
  });
}

/** A test should not have to say what only a connection needs. */
function optional(specs: TransportFactory['options']): Record<string, OptionSpec> {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, { ...spec, required: false }]));
}

function defaultsOf(specs: TransportFactory['options']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(specs).flatMap(([name, spec]) => ('default' in spec ? [[name, spec.default]] : [])));
}

/** Waiting for company saves money and changes nothing else: in a test, where time stands still, no send waits. */
const unhurried = (theirs: Capabilities): Capabilities => ({ ...theirs, limits: { ...theirs.limits, lingerMs: 0 } });
