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
  readonly channel: (channel: Channel) => ChannelSpec;
  /** A queue that only has a name, a dead-letter channel for example; `address` where the configuration has none for it. */
  readonly named: (name: string, address?: string) => ChannelSpec;
}

/** A channel and a group of it; a queue has none. */
interface GroupOf {
  readonly channel: string;
  readonly wire: ChannelSpec['wire'];
  readonly group: string | undefined;
}

/** Where a group's (or a queue's) messages wait. */
export function addressOf(config: CheckedConfig, { channel, wire, group }: GroupOf): string {
  if (group === undefined) return wire.address;
  return config.channels[channel]?.groups?.[group]?.address ?? `${wire.address}.${group}`;
}

/** Where those go that it gives up: by default beside where they wait, as `<address>.dead`. */
export function deadLetterOf(config: CheckedConfig, place: Placing['named'], of: GroupOf, decorated?: string): ChannelSpec {
  const own = config.channels[of.channel];
  const said = (of.group === undefined ? undefined : own?.groups?.[of.group]?.deadLetter) ?? own?.deadLetter ?? decorated;
  if (said !== undefined) return place(said);
  return place(of.group === undefined ? `${of.channel}.dead` : `${of.channel}.${of.group}.dead`, `${addressOf(config, of)}.dead`);
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
    fallback = name,
  ): Omit<ChannelSpec, 'groups' | 'deadLetters'> => {
    const own = config.channels[name];
    const emulate = own?.emulate ?? config.emulate;
    return {
      wire: wire(own?.address ?? fallback),
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
  const named = (name: string, fallback?: string): ChannelSpec =>
    Object.freeze({ ...place(name, (address) => plainQueue(address, { name }), 0, fallback), groups: [], deadLetters: [] });
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
      const ends = groups.map((group) => ({ channel: name, wire: spec.wire, group }));
      const deadLetters = ends.map((end) => deadLetterOf(config, named, end));
      return Object.freeze({
        ...spec,
        deadLetters,
        groups: ends.map((end, index) => waiting(spec, end.group, addressOf(config, end), deadLetters[index] as ChannelSpec)),
      });
    },
    named,
  };
}
