import { type Channel, type Environment, isMessagingError, type Transport, textOf } from '@omnibus/core/transport';
import { sqsTransport } from '@omnibus/sqs';
import { snsCapabilities } from './capabilities.js';
import { openClient, openQueues, type QueuesClient, type SnsClient } from './client.js';
import { declare } from './declare.js';
import { snsError } from './errors.js';
import { withEndpoints } from './http/with-endpoints.js';
import { checkEndpoints, type ResolvedOptions } from './options.js';
import { snsPermissions } from './permissions.js';
import { openingEnvelopes } from './receiver.js';
import { openSender } from './sender.js';
import { topics as bookOf, type Topics } from './topics.js';
import { queueOf, queuesOf, topicsOf } from './topology.js';

/** What stands while the transport is connected. */
interface Connection {
  readonly client: SnsClient;
  readonly queues: QueuesClient;
  readonly topics: Topics;
}

/**
 * The transport of one application to SNS and SQS in one region. Queues are those of the SQS transport, and so is the end of each
 * group: a topic with a group is an SNS topic, a queue, and the subscription between them.
 */
export function snsTransport(options: ResolvedOptions, environment: Environment): Transport {
  checkEndpoints(options.subscriptions);
  const { clock } = environment;
  const sqs = sqsTransport(options, environment);
  const ends = new Set<{ close(): Promise<void> }>();
  const temporary = new Set<string>(); // ARNs of subscriptions that end with this transport
  let connection: Connection | undefined;
  let connecting: Promise<void> | undefined;
  let closed: Promise<void> | undefined;
  /** The last topic that was sent to: what health asks for. */
  let used: Channel | undefined;

  const connected = (): Connection => {
    if (closed !== undefined) throw snsError('CLOSED', 'the transport is closed');
    if (connection === undefined) throw snsError('CONNECTION', 'not connected yet');
    return connection;
  };
  const dial = async (): Promise<void> => {
    await sqs.connect();
    const client = await openClient(options, clock);
    const queues = await openQueues(options, clock).catch((error: unknown) => {
      client.close();
      throw error;
    });
    connection = { client, queues, topics: bookOf(client, options.accountId) };
  };

  const transport: Transport = {
    system: 'aws_sns',
    kinds: ['queue', 'topic'],
    capabilities: snsCapabilities(options),
    permissions(topology, { channels, replies }, redrives) {
      const toQueues = { channels: channels.filter(({ kind }) => kind !== 'topic'), replies };
      return snsPermissions(topology, channels, options, sqs.permissions?.(queuesOf(topology), toQueues, redrives) ?? []);
    },
    async connect() {
      if (closed !== undefined) throw snsError('CLOSED', 'the transport is closed');
      if (connection !== undefined) return;
      connecting ??= dial().finally(() => {
        connecting = undefined;
      });
      return connecting;
    },
    async provision(topology, mode) {
      const standing = connected();
      const declarations = topicsOf(topology, options);
      const drifts = await sqs.provision(queuesOf(topology), mode);
      return [
        ...drifts,
        ...(await declare(declarations, { ...standing, options, mode, temporary: (arn) => void temporary.add(arn) })),
      ];
    },
    async sender(channel) {
      if (channel.kind !== 'topic') return sqs.sender(channel);
      const { client, topics } = connected();
      const sender = openSender({ client, topics, channel, options });
      const close = (): Promise<void> => sender.close().finally(() => ends.delete(sender));
      ends.add(sender);
      return {
        send(batch) {
          used = channel;
          return sender.send(batch);
        },
        close,
      };
    },
    async receiver(subscription) {
      const isGroup = subscription.channel.kind === 'topic';
      return openingEnvelopes(await sqs.receiver(isGroup ? queueOf(subscription) : subscription));
    },
    async health() {
      const queues = await sqs.health();
      if (!queues.ok || used === undefined) return queues;
      try {
        const { client, topics } = connected();
        const topicArn = await topics.find(used.address, used.ordered);
        if (topicArn !== undefined) await client.topicAttributes(`health of topic '${used.address}'`, topicArn);
        return { ok: true, why: undefined };
      } catch (error) {
        return isMessagingError(error, 'NO_ROUTE')
          ? { ok: true, why: undefined }
          : { ok: false, why: textOf(error), linkStands: true };
      }
    },
    close() {
      closed ??= (async () => {
        await connecting?.catch(() => undefined);
        await Promise.all([...ends].map((end) => end.close()));
        const { client } = connection ?? {};
        const ending = [...temporary].map(async (arn) => client?.unsubscribe('ending a temporary subscription', arn));
        const unsubscribed = await Promise.allSettled(ending);
        await sqs.close().finally(() => {
          connection?.client.close();
          connection?.queues.close();
        });
        for (const each of unsubscribed) if (each.status === 'rejected') throw each.reason;
      })();
      return closed;
    },
  };
  const { endpoints } = options;
  return endpoints === undefined ? transport : withEndpoints(transport, { endpoints, clock, access: connected });
}
