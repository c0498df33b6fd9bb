import type { Subscription } from '@omnibus/core/transport';
import type { LogClient } from './client.js';
import { kafkaError, nameOf } from './errors.js';
import type { ResolvedOptions } from './options.js';

/**
 * The name by which a receiver joins its group, if it has one. What an instance has for itself ends with it, and what the core carries
 * for itself (its channels have no types) shall go on elsewhere when this process is away.
 */
export const nameFor = ({ channel, temporary }: Subscription, { instanceId }: ResolvedOptions): string | undefined =>
  temporary || channel.types.length === 0 ? undefined : instanceId;

/**
 * A client that joins no group again in which another process has taken its member's name: by joining it would take the name back, and
 * so would the other, for ever. `taken` are the ids of such groups.
 */
export const keepingAway = (client: LogClient, taken: Set<string>): LogClient => ({
  ...client,
  async openConsumer(options, clientId, at, events) {
    if (options.instanceId !== undefined && taken.has(at.groupId)) {
      const what = `group '${at.groupId}' has a newer member with the instanceId '${options.instanceId}', and this one stays away`;
      throw kafkaError(
        'CONFIG',
        `${what}: give each process an instanceId of its own, and start this one anew if it is to go on`,
      );
    }
    return client.openConsumer(options, clientId, at, {
      ...events,
      crashed(error) {
        if (nameOf(error) === 'FENCED_INSTANCE_ID') taken.add(at.groupId);
        events.crashed(error);
      },
    });
  },
});
