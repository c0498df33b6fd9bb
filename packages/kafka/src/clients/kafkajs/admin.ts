import type { Admin } from 'kafkajs';
import type { LogAdmin } from '../../client.js';
import type { ResolvedOptions } from '../../options.js';
import { clientOf, RETRY } from './connection.js';

const TOPIC_RESOURCE = 2; // Kafka protocol guide, resource types

/** Connects an administration client. */
export async function openAdmin(options: ResolvedOptions, clientId: string): Promise<LogAdmin> {
  const client = await clientOf(options, clientId);
  const open = async (): Promise<Admin> => {
    const admin = client.admin({ retry: { ...RETRY, retries: 3 } });
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      void admin.disconnect().catch(() => undefined);
      throw error;
    }
  };
  /** One that has looked at a topic asks for it ever after, and fails to make or delete any where that one is gone. A new one knows none. */
  const anew = async (what: (fresh: Admin) => Promise<unknown>): Promise<void> => {
    const fresh = await open();
    try {
      await what(fresh);
    } finally {
      await fresh.disconnect().catch(() => undefined);
    }
  };
  const admin = await open();
  return {
    ping: async () => void (await admin.describeCluster()),
    listTopics: () => admin.listTopics(),
    async describeTopics(topics) {
      const found = await admin.fetchTopicMetadata({ topics: [...topics] });
      return found.topics.map(({ name, partitions }) => ({
        topic: name,
        partitions: partitions.map(({ leader, replicas }) => ({ leader, replicas: replicas.length })),
      }));
    },
    createTopics: (topics) =>
      anew((fresh) =>
        fresh.createTopics({
          waitForLeaders: false, // kafkajs takes a broker that has not heard of the topic yet for a failure
          topics: topics.map(({ topic, partitions, replicas, settings }) => ({
            topic,
            numPartitions: partitions,
            replicationFactor: replicas,
            configEntries: [...settings].map(([name, value]) => ({ name, value })),
          })),
        }),
      ),
    deleteTopics: (topics) => anew((fresh) => fresh.deleteTopics({ topics: [...topics] })),
    async settingsOf(topics) {
      const described = await admin.describeConfigs({
        includeSynonyms: false,
        resources: topics.map((name) => ({ type: TOPIC_RESOURCE, name })),
      });
      return new Map(
        described.resources.map(({ resourceName, configEntries }) => [
          resourceName,
          new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
        ]),
      );
    },
    fetchTopicOffsets: (topic) => admin.fetchTopicOffsets(topic),
    fetchTopicOffsetsByTimestamp: (topic, time) => admin.fetchTopicOffsetsByTimestamp(topic, time),
    fetchOffsets: ({ groupId, topics }) => admin.fetchOffsets({ groupId, topics: [...topics] }),
    async isEmpty(groupId) {
      const { groups } = await admin.describeGroups([groupId]);
      return ['Empty', 'Dead'].includes(groups[0]?.state ?? 'Dead');
    },
    deleteGroup: async (groupId) => void (await admin.deleteGroups([groupId])),
    close: () => admin.disconnect(),
  };
}
