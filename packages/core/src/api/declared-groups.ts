import type { ChannelConfig } from '../config/schema.js';
import { exponential } from '../runtime/retry-policy.js';
import type { ChannelSpec } from '../runtime/specs.js';
import { crashLimit } from '../runtime/topology.js';
import type { Channel, Subscription } from '../transport/channel.js';

/** Where a group's dead letters go when neither the configuration nor the consumer says it. */
export const deadLetterName = (channel: string, group: string | undefined): string =>
  group === undefined ? `${channel}.dead` : `${channel}.${group}.dead`;

/**
 * The groups that the configuration names for a channel, as whoever sends there provisions them: nothing is lost before their first
 * consumer. They get every type of the channel; a consumer that handles fewer skips the others.
 */
export function declaredGroups(
  channel: Channel,
  transport: string,
  { groups = {}, deadLetter }: ChannelConfig,
  named: (name: string) => ChannelSpec,
): readonly Subscription[] {
  return Object.entries(groups).map(([group, own]) => {
    const dead = named(own.deadLetter ?? deadLetter ?? deadLetterName(channel.name, group));
    return Object.freeze({
      channel,
      group,
      address: own.address ?? `${channel.address}.${group}`,
      types: channel.types,
      filter: undefined,
      from: 'next',
      ordered: channel.ordered,
      window: 1,
      exclusive: false,
      temporary: false,
      deadLetter: dead.transport === transport ? dead.wire : undefined,
      crashLimit: crashLimit(exponential().attempts),
    } satisfies Subscription);
  });
}
