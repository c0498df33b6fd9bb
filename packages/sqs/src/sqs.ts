import { type Environment, isMessagingError, type Timer, type Transport, textOf } from '@omnibus/core/transport';
import { sqsCapabilities } from './capabilities.js';
import { openClient, type SqsClient } from './client.js';
import { sqsError } from './errors.js';
import { queueName } from './names.js';
import { checkedOptions, type ResolvedOptions } from './options.js';
import { sqsPermissions } from './policy.js';
import { queues as bookOf, type Queues } from './queues.js';
import { openReceiver } from './receiver.js';
import { openSender } from './sender.js';
import { provision, queuesOf } from './topology.js';

/** How a transport gets its client; tests have their own. */
export type OpenClient = (options: ResolvedOptions, clock: Environment['clock']) => Promise<SqsClient>;

/** What stands while the transport is connected. */
interface Connection {
  readonly client: SqsClient;
  readonly queues: Queues;
  /** Keeps the process alive as the socket of a link would: while SQS is out of reach, or a consumer paused, nothing else does. */
  readonly alive: Timer;
}

/**
 * The transport of one application to SQS in one region. There is no link that could be lost: each call stands for itself, and the lock
 * of a message does not end with a connection. Throws CONFIG for options that cannot be meant.
 */
export function sqsTransport(given: ResolvedOptions, { clock, instance }: Environment, open: OpenClient = openClient): Transport {
  const options = checkedOptions(given);
  const ends = new Set<{ close(): Promise<void> }>();
  const temporary = new Set<string>(); // names of the queues that end with this transport
  let connection: Connection | undefined;
  let connecting: Promise<void> | undefined;
  let closed: Promise<void> | undefined;

  const connected = (): Connection => {
    if (closed !== undefined) throw sqsError('CLOSED', 'the transport is closed');
    if (connection === undefined) throw sqsError('CONNECTION', 'not connected yet');
    return connection;
  };
  const dial = async (): Promise<void> => {
    const client = await open(options, clock);
    if (closed !== undefined) {
      client.close();
      throw sqsError('CLOSED', 'the transport is closed');
    }
    const alive = clock.timer(Number.POSITIVE_INFINITY, () => undefined, 'ref');
    connection = { client, queues: bookOf(client), alive };
  };
  /** Remembers an end until it is closed. */
  const keep = <E extends { close(): Promise<void> }>(end: E): E => {
    ends.add(end);
    const close = (): Promise<void> => end.close().finally(() => ends.delete(end));
    return { ...end, close };
  };
  /** A queue that is gone is looked for again, and made again by the next provisioning. */
  const forgetting = async <T>(queues: Queues, name: string, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (isMessagingError(error, 'NOT_FOUND')) queues.forget(name);
      throw error;
    }
  };

  const remove = async (name: string): Promise<void> => {
    const { client, queues } = connection ?? {};
    const queue = queues?.known(name);
    if (queue === undefined) return;
    await client?.deleteQueue(`removing temporary queue '${name}'`, { QueueUrl: queue.url });
  };

  return {
    system: 'aws_sqs',
    kinds: ['queue'],
    capabilities: sqsCapabilities(options),
    permissions: (topology, sending, redrives) => sqsPermissions(topology, sending, redrives, options, instance),
    async connect() {
      if (closed !== undefined) throw sqsError('CLOSED', 'the transport is closed');
      if (connection !== undefined) return;
      connecting ??= dial().finally(() => {
        connecting = undefined;
      });
      return connecting;
    },
    async provision(topology, mode) {
      const standing = connected();
      if (mode === 'create')
        for (const { address, isFifo, isTemporary } of queuesOf(topology))
          if (isTemporary) temporary.add(queueName(address, isFifo));
      return provision(topology, mode, { ...standing, options });
    },
    async sender(channel) {
      return keep(openSender({ ...connected(), channel, options }));
    },
    async receiver(subscription) {
      const { client, queues } = connected();
      const queue = await queues.find(subscription.address, subscription.ordered);
      const receiver = openReceiver({ client, queue, subscription, options, clock });
      return keep({
        ...receiver,
        receive: (max, signal) => forgetting(queues, queue.name, receiver.receive(max, signal)),
      });
    },
    async health() {
      try {
        const { client, queues } = connected();
        const some = queues.any();
        if (some !== undefined) await client.getQueueUrl(`health of queue '${some.name}'`, { QueueName: some.name });
        return { ok: true, why: undefined };
      } catch (error) {
        return isMessagingError(error, 'NOT_FOUND')
          ? { ok: true, why: undefined }
          : { ok: false, why: textOf(error), linkStands: true };
      }
    },
    close() {
      closed ??= (async () => {
        await connecting?.catch(() => undefined);
        connection?.alive.cancel(); // what ends from here on has deadlines that keep the process
        await Promise.all([...ends].map((end) => end.close()));
        const removed = await Promise.allSettled([...temporary].map(remove));
        connection?.client.close();
        for (const each of removed) if (each.status === 'rejected') throw each.reason;
      })();
      return closed;
    },
  };
}
