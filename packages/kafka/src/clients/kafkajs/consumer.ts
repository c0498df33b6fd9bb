import type { MessagingError } from '@omnibus/core/transport';
import type { EachBatchPayload } from 'kafkajs';
import type { LogConsumer, LogEvents } from '../../client.js';
import { REBALANCE_MS } from '../../deadline.js';
import { kafkaError } from '../../errors.js';
import type { ResolvedOptions } from '../../options.js';
import { clientOf, RETRY } from './connection.js';
import type { Flaw } from './fetched.js';
import { watchedSockets } from './watched-sockets.js';

/** Most ms that a consumer which closes gets to leave in order, a join under way included; then its sockets are cut. */
const LEAVE_MS = 4_000;

/** A member of a group on a topic, not joined yet. Where the group has no position in a partition, it reads it from its beginning. */
export async function openConsumer(
  options: ResolvedOptions,
  clientId: string,
  at: { readonly topic: string; readonly groupId: string },
  events: LogEvents,
): Promise<LogConsumer> {
  const { topic, groupId } = at;
  const sockets = watchedSockets((flaw) => events.crashed(corrupt(groupId, flaw)));
  const client = await clientOf(options, clientId, sockets.factory);
  const consumer = client.consumer({
    groupId,
    allowAutoTopicCreation: false,
    sessionTimeout: options.sessionTimeoutMs,
    heartbeatInterval: options.heartbeatMs,
    rebalanceTimeout: REBALANCE_MS,
    metadataMaxAge: options.metadataMaxAgeMs,
    maxWaitTimeInMs: options.fetchWaitMs,
    maxBytes: options.fetchBytes,
    maxBytesPerPartition: Math.max(options.maxMessageBytes, Math.min(options.fetchBytes, 1_048_576)),
    retry: { ...RETRY, restartOnFailure: async () => false },
  });
  const { GROUP_JOIN, REBALANCING, CRASH, FETCH, FETCH_START } = consumer.events;
  /** Brokers that a fetch is under way to. */
  const fetching = new Set<unknown>();
  let write: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;
  let starting: Promise<void> | undefined;
  let isClosed = false;

  consumer.on(FETCH_START, ({ payload }) => void fetching.add(nodeOf(payload)));
  consumer.on(FETCH, ({ payload }) => void fetching.delete(nodeOf(payload)));
  consumer.on(REBALANCING, () => {
    fetching.clear(); // kafkajs has waited for all of them
    void events.gathering(); // what waits leaves at once, and no more: kafkajs joins anew whatever it is told
    events.left();
  });
  consumer.on(GROUP_JOIN, ({ payload }) => {
    events.left();
    // kafkajs joins anew inside a fetch where partitions moved or were added; what the fetches beside it bring is of the old assignment
    if (fetching.size > 1) events.crashed(new Error('the group was joined anew while other brokers were being read'));
    else events.joined(payload.memberAssignment[topic] ?? []);
  });
  consumer.on(CRASH, ({ payload }) => events.crashed(payload.error));

  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { batch } = payload;
    write = (offsets) => payload.commitOffsetsIfNecessary(offsets);
    await events.batch({
      partition: batch.partition,
      end: batch.highWatermark,
      records: batch.messages,
      taken: (offset) => payload.resolveOffset(offset),
      heartbeat: () => payload.heartbeat(),
      wanted: () => payload.isRunning() && !payload.isStale(),
    });
  };
  const given = (offsets: ReadonlyMap<number, bigint>): { partition: number; offset: string }[] =>
    [...offsets].map(([partition, offset]) => ({ partition, offset: String(offset) }));
  const goOn = (): void => {
    if (isClosed) throw new Error('the consumer was closed while it started');
  };
  const start = async (): Promise<void> => {
    await consumer.connect();
    goOn();
    await consumer.subscribe({ topic, fromBeginning: true });
    goOn();
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch });
    goOn();
  };
  return {
    start() {
      starting = start();
      return starting;
    },
    async commit(offsets) {
      // kafkajs' own `commitOffsets` tries again after a rebalance, with the new generation, for partitions that others may have then
      if (write !== undefined) await write({ topics: [{ topic, partitions: given(offsets) }] });
      else await consumer.commitOffsets(given(offsets).map((offset) => ({ topic, ...offset })));
    },
    seek: (partition, offset) => consumer.seek({ topic, partition, offset }),
    pause: (partitions) => consumer.pause([{ topic, partitions: [...partitions] }]),
    resume: (partitions) => consumer.resume([{ topic, partitions: [...partitions] }]),
    async close() {
      isClosed = true;
      // a `disconnect` amid `run` forgets the member but not its join: it would hold partitions from then on, and fetch without end
      const timer = setTimeout(() => sockets.cut(), LEAVE_MS);
      await starting?.catch(() => undefined);
      await consumer.disconnect().finally(() => clearTimeout(timer));
    },
  };
}

const nodeOf = (payload: unknown): unknown => (payload as { readonly nodeId?: unknown }).nodeId;

/** Read again and again, as a replica may have it whole: only an operator can decide to leave it out. */
const corrupt = (groupId: string, { topic, partition, offset, what }: Flaw): MessagingError =>
  kafkaError(
    'CONNECTION',
    `group '${groupId}' cannot read '${topic}' on from ${partition}:${offset}: the batch there is corrupt, ${what}; nothing is skipped: restore the partition, or set the position of the group behind it (kafka-consumer-groups --reset-offsets)`,
  );
