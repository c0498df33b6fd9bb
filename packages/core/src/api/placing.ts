import type { CheckedConfig } from '../config/schema.js';
import { whereIs } from '../config/source.js';
import { SAFE } from '../runtime/negotiate.js';
import type { ChannelSpec } from '../runtime/specs.js';
import { plainQueue } from '../runtime/topology.js';
import type { Feature } from '../transport/capabilities.js';
import type { Subscription } from '../transport/channel.js';
import type { Channel } from './channels.js';
import { declaredGroups } from './declared-groups.js';

/** Puts channels on transports, as the configuration says. */
export interface Placing {
  channel(channel: Channel): ChannelSpec;
  /** A channel that only has a name: dead-letter channels. */
  named(name: string): ChannelSpec;
}

export function placing(config: CheckedConfig): Placing {
  const place = (name: string, wire: (address: string) => ChannelSpec['wire'], maxTtlMs: number): ChannelSpec => {
    const own = config.channels[name];
    const emulate = own?.emulate ?? config.emulate;
    return Object.freeze({
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
    });
  };
  const named = (name: string): ChannelSpec => place(name, (address) => plainQueue(address, { name }), 0);
  return {
    channel({ name, kind, options, messages }) {
      const own = config.channels[name];
      const wire = (address: string): ChannelSpec['wire'] => {
        const groups: Subscription[] = [];
        const channel = plainQueue(address, {
          name,
          kind,
          ordered: options.ordered ?? false,
          types: messages.map((message) => message.name),
          groups,
          maxDelayMs: options.maxDelayMs ?? 0,
          priorities: options.priorities ?? 0,
        });
        if (own !== undefined && kind !== 'queue')
          groups.push(...declaredGroups(channel, own.transport ?? config.default, own, named));
        return channel;
      };
      return place(name, wire, options.maxTtlMs ?? 0);
    },
    named,
  };
}
