import type { CheckedConfig } from '../config/schema.js';
import { whereIs } from '../config/source.js';
import { SAFE } from '../runtime/negotiate.js';
import { exponential } from '../runtime/retry-policy.js';
import type { ChannelSpec } from '../runtime/specs.js';
import { crashLimit, plainQueue } from '../runtime/topology.js';
import type { Feature } from '../transport/capabilities.js';
import type { Subscription } from '../transport/channel.js';
import type { Channel } from './channels.js';

/** Puts channels on transports, as the configuration says. */
export interface Placing {
  channel(channel: Channel): ChannelSpec;
  /** A channel that only has a name: dead-letter channels. */
  named(name: string): ChannelSpec;
}

/** Where a group's (or a queue's) messages wait, and where those go that it gives up. */
export function groupEnds(
  config: CheckedConfig,
  channel: string,
  wire: ChannelSpec['wire'],
  group: string | undefined,
  decorated?: string,
): { readonly address: string; readonly deadLetter: string } {
  const own = config.channels[channel];
  const ofGroup = group === undefined ? undefined : own?.groups?.[group];
  return {
    address: ofGroup?.address ?? (group === undefined ? wire.address : `${wire.address}.${group}`),
    deadLetter:
      ofGroup?.deadLetter ??
      own?.deadLetter ??
      decorated ??
      (group === undefined ? `${channel}.dead` : `${channel}.${group}.dead`),
  };
}

/** A group that has no consumer in this process: everything waits for it, from the first message on. */
function waiting(
  { wire, transport }: Pick<ChannelSpec, 'wire' | 'transport'>,
  group: string,
  address: string,
  deadLetter: ChannelSpec,
): Subscription {
  return Object.freeze({
    channel: wire,
    group,
    address,
    types: wire.types,
    filter: undefined,
    from: 'first',
    ordered: wire.ordered,
    window: 64,
    exclusive: false,
    temporary: false,
    deadLetter: deadLetter.transport === transport ? deadLetter.wire : undefined,
    crashLimit: crashLimit(exponential().attempts),
  });
}

export function placing(config: CheckedConfig): Placing {
  const place = (
    name: string,
    wire: (address: string) => ChannelSpec['wire'],
    maxTtlMs: number,
  ): Omit<ChannelSpec, 'groups' | 'deadLetters'> => {
    const own = config.channels[name];
    const emulate = own?.emulate ?? config.emulate;
    return {
      wire: wire(own?.address ?? name),
      transport: own?.transport ?? config.default,
      maxTtlMs,
      allows: (feature: Feature) =>
        emulate === 'none'
          ? false
          : emulate === 'safe'
            ? SAFE.has(feature)
            : emulate.includes(feature) || (emulate.includes('safe') && SAFE.has(feature)),
      emulateAt: whereIs(config, own?.emulate === undefined ? ['emulate'] : ['channels', name, 'emulate']),
    };
  };
  const named = (name: string): ChannelSpec =>
    Object.freeze({ ...place(name, (address) => plainQueue(address, { name }), 0), groups: [], deadLetters: [] });
  return {
    channel({ name, kind, options, messages }) {
      const wire = (address: string): ChannelSpec['wire'] =>
        plainQueue(address, {
          name,
          kind,
          ordered: options.ordered ?? false,
          types: messages.map((message) => message.name),
          maxDelayMs: options.maxDelayMs ?? 0,
          priorities: options.priorities ?? 0,
        });
      const spec = place(name, wire, options.maxTtlMs ?? 0);
      const groups = kind === 'queue' ? [] : Object.keys(config.channels[name]?.groups ?? {});
      const ends = groups.map((group) => ({ group, ...groupEnds(config, name, spec.wire, group) }));
      const deadLetters = ends.map(({ deadLetter }) => named(deadLetter));
      return Object.freeze({
        ...spec,
        deadLetters,
        groups: ends.map(({ group, address }, index) => waiting(spec, group, address, deadLetters[index] as ChannelSpec)),
      });
    },
    named,
  };
}
