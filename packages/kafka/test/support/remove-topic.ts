import { type Admin, KafkaJSProtocolError } from 'kafkajs';

/** Removes a topic. One that is gone is as good: brokers still list a topic for a moment after the controller has deleted it. */
export async function removeTopic(admin: Admin, topic: string): Promise<void> {
  if (!(await admin.listTopics()).includes(topic)) return;
  await admin.deleteTopics({ topics: [topic] }).catch((error: unknown) => {
    const { cause } = error as Error;
    if (!(cause instanceof KafkaJSProtocolError) || cause.type !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
  });
}
