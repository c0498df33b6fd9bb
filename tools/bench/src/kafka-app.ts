import type { App, Channel } from '@omnibus/core';
import { kafka } from '@omnibus/kafka';
import { startApp } from './app.js';
import type { Surroundings } from './bench.js';
import { KafkaRaw, PARTITIONS } from './kafka-raw.js';

/** Both sides of a comparison on Kafka. */
export interface KafkaSides {
  readonly app: App;
  readonly raw: KafkaRaw;
}

/** Opens both sides, runs, and takes what they made away again. */
export async function onKafka<T>(
  { kafka: broker }: Surroundings,
  channel: Channel,
  handler: object | undefined,
  run: (sides: KafkaSides) => Promise<T>,
): Promise<T> {
  if (broker === undefined) throw new Error('this bench needs Kafka');
  await using raw = await KafkaRaw.open(new URL(broker.url).host);
  await using app = await startApp(kafka({ url: broker.url, partitions: PARTITIONS }), [channel], handler);
  return await run({ app, raw });
}
