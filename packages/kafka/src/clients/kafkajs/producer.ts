import type { Message as KafkaMessage } from 'kafkajs';
import type { LogProducer } from '../../client.js';
import type { ResolvedOptions } from '../../options.js';
import { CODECS } from './codecs.js';
import { clientOf, library, RETRY } from './connection.js';

/**
 * Connects an idempotent producer of one topic. What the broker does not answer is sent again inside the call, with the same sequence
 * numbers, so that it is stored once. kafkajs gives the numbers of a failed call to the next one, whatever that holds: so calls must
 * not overlap, and a producer that failed once must not be used again. Its partitions are chosen once for each record, since kafkajs
 * asks again on each try and sends only what falls to a broker that did not answer.
 */
export async function openProducer(options: ResolvedOptions, clientId: string, topic: string): Promise<LogProducer> {
  const { Partitioners } = await library();
  const chosen = new WeakMap<object, number>();
  const createPartitioner = () => {
    const choose = Partitioners.DefaultPartitioner();
    return (given: Parameters<typeof choose>[0]): number => {
      const partition = chosen.get(given.message) ?? choose(given);
      chosen.set(given.message, partition);
      return partition;
    };
  };
  const client = await clientOf(options, clientId);
  const producer = client.producer({
    allowAutoTopicCreation: false,
    idempotent: true,
    maxInFlightRequests: 1,
    metadataMaxAge: options.metadataMaxAgeMs,
    createPartitioner,
    retry: RETRY,
  });
  const close = (): Promise<void> => producer.disconnect();
  try {
    await producer.connect();
  } catch (error) {
    void close().catch(() => undefined);
    throw error;
  }
  const compression = CODECS[options.compression];
  return {
    async send(records) {
      const messages = records as unknown as KafkaMessage[];
      const stored = await producer.send({ topic, acks: -1, timeout: options.requestTimeoutMs, compression, messages });
      const confirmed = new Set(stored.map(({ partition }) => partition));
      const missing = messages.filter((message) => !confirmed.has(chosen.get(message) as number));
      // a partition whose leader moved to a broker that had answered already is left out by kafkajs
      if (missing.length > 0)
        throw new Error(`${missing.length} of ${messages.length} messages were not sent, as their leader moved`);
    },
    close,
  };
}
