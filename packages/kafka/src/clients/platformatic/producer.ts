import type { LogProducer } from '../../client.js';
import type { ResolvedOptions } from '../../options.js';
import type { Outgoing } from '../../wire.js';
import { connectionOf, cut, guard, named } from './connection.js';
import { library } from './library.js';

/**
 * Connects an idempotent producer of one topic. What the broker does not answer is sent again inside the call, with the same sequence
 * numbers, so that it is stored once. Where the broker has forgotten the producer, the library sends all of a broker's part again under
 * a new one. Partitions are chosen here, as Kafka's own clients do: the library's own choice (murmur2 without its sign cut off) differs.
 */
export async function openProducer(options: ResolvedOptions, clientId: string, topic: string): Promise<LogProducer> {
  const { Producer, compatibilityPartitioner } = await library();
  const producer = guard(
    new Producer({
      ...connectionOf(options, clientId),
      idempotent: true,
      compression: options.compression,
      metadataMaxAge: options.metadataMaxAgeMs,
    }),
  );
  let next = Math.floor(Math.random() * 1_024);
  const partitionOf = (key: Buffer | null): number => (key === null ? next++ : compatibilityPartitioner({ topic }, key));
  const close = async (): Promise<void> => {
    await producer.close().finally(() => cut(producer));
  };
  try {
    await producer.initIdempotentProducer({});
  } catch (error) {
    void close().catch(() => undefined);
    throw error;
  }
  return {
    async send(records) {
      const messages = records.map((record) => ({
        topic,
        key: record.key,
        value: record.value,
        headers: headersOf(record),
        partition: partitionOf(record.key), // the library takes the rest of the division by the number of partitions
      }));
      try {
        await producer.send({ messages: messages as never });
      } catch (error) {
        throw named(error);
      }
    },
    close,
  };
}

/** As bytes: the library counts a text's characters for its length. */
function headersOf({ headers }: Outgoing): Map<Buffer, Buffer> {
  const wire = new Map<Buffer, Buffer>();
  for (const name of Object.keys(headers)) wire.set(Buffer.from(name), Buffer.from(headers[name]!));
  return wire;
}
