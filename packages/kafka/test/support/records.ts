import type { Kafka, KafkaMessage } from 'kafkajs';

/** A part of a partition, by offsets; without the last. */
export interface Part {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

let readers = 0;

/** A message, and where it stands. */
export type Stored = KafkaMessage & { readonly partition: number };

/** What stands in these parts of a topic, or in all of it; nothing is committed. */
export async function recordsOf(client: Kafka, topic: string, parts?: readonly Part[]): Promise<readonly Stored[]> {
  const wanted = parts ?? (await partsOf(client, topic));
  let left = wanted.reduce((sum, { from, to }) => sum + to - from, 0);
  const records: Stored[] = [];
  if (left === 0) return records;
  const consumer = client.consumer({ groupId: `records-${process.pid}-${readers++}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({ partition, message }: { readonly partition: number; readonly message: KafkaMessage }) => {
      const part = wanted.find((each) => each.partition === partition);
      const offset = Number(message.offset);
      if (part === undefined || offset < part.from || offset >= part.to) return;
      records.push({ ...message, partition });
      left--;
      if (left === 0) resolve();
    };
    consumer.run({ autoCommit: false, eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return records;
}

async function partsOf(client: Kafka, topic: string): Promise<readonly Part[]> {
  const admin = client.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return ends.map(({ partition, low, high }) => ({ partition, from: Number(low), to: Number(high) }));
}
