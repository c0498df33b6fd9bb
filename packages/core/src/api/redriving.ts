import type { CheckedConfig } from '../config/schema.js';
import type { Redriving } from '../runtime/redrives.js';
import type { ConsumerSpec } from '../runtime/specs.js';
import { MessagingError } from '../transport/errors.js';
import type { Channel } from './channels.js';
import { addressOf, deadLetterOf, placing } from './placing.js';

/** Where dead letters are and where they belong: as this app's consumer says, else by the configuration and the convention. */
export function redriving(
  config: CheckedConfig,
  channel: Channel,
  group: string | undefined,
  rate = Number.POSITIVE_INFINITY,
  consumer?: ConsumerSpec,
): Redriving {
  if (!(rate > 0)) throw new MessagingError('INVALID', `redrive: rate is ${rate}; it must be a number over 0`);
  if ((group === undefined) !== (channel.kind === 'queue')) {
    const why =
      channel.kind === 'queue' ? 'a queue has no groups: leave it out' : 'each group has dead letters of its own: say which';
    throw new MessagingError('INVALID', `redrive of ${channel.kind} "${channel.name}": ${why}`);
  }
  const place = placing(config);
  const spec = place.channel(channel);
  const end = { channel: channel.name, wire: spec.wire, group };
  return {
    name: group === undefined ? channel.name : `${channel.name}/${group}`,
    from: consumer?.deadLetter ?? deadLetterOf(config, place.named, end),
    channel: spec,
    group,
    address: consumer?.address ?? addressOf(config, end),
    rate,
  };
}
