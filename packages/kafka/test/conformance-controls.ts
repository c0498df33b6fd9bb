import type { Kafka as Broker } from '@omnibus/brokers';
import type { Controls } from '@omnibus/conformance';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';
import { recordsOf } from './support/records.js';
import { removeTopic } from './support/remove-topic.js';

/** What the suite may do to a Kafka besides using the transport: by a plain client of our own, and by signals where the broker is ours. */
export async function kafkaControls({
  brokers,
  control,
}: Pick<Broker, 'brokers' | 'control'>): Promise<{ readonly controls: Controls; close(): Promise<void> }> {
  const client = new Kafka({ clientId: 'bystander', brokers: [...brokers], logLevel: logLevel.NOTHING });
  let linked: Promise<Admin> | undefined;
  const admin = (): Promise<Admin> => {
    const open = async (): Promise<Admin> => {
      const made = client.admin();
      await made.connect();
      return made;
    };
    linked ??= open();
    return linked;
  };

  const controls: Controls = {
    async publishForeign(address, { body, contentType, headers }) {
      const producer = client.producer();
      await producer.connect();
      const wire = Object.entries(headers).map(([name, value]) => [name.replace(/^ce-/, 'ce_'), value]);
      const all = { ...Object.fromEntries(wire), ...(contentType === undefined ? {} : { 'content-type': contentType }) };
      await producer.send({ topic: address, messages: [{ value: Buffer.from(body), headers: all }] });
      await producer.disconnect();
    },
    async count(address) {
      const [ends, [group]] = await Promise.all([
        (await admin()).fetchTopicOffsets(address),
        (await admin()).fetchOffsets({ groupId: address, topics: [address] }),
      ]);
      return ends.reduce((sum, { partition, low, high }) => {
        const done = Number(group?.partitions.find((each) => each.partition === partition)?.offset ?? -1);
        return sum + Number(high) - Math.max(done, Number(low));
      }, 0);
    },
    async due(address) {
      const topics = (await (await admin()).listTopics()).filter((topic) => topic.startsWith(`${address}.wait.`));
      const due: number[] = [];
      for (const topic of topics)
        for (const { headers } of await recordsOf(client, topic)) due.push(Number(headers?.['omnibus-due']));
      return due.filter((at) => at > Date.now()).toSorted((one, other) => one - other); // what was moved on stays in the log
    },
    async remove({ address }) {
      const fresh = client.admin(); // one that has looked at a topic which is gone by now fails after it has deleted this one
      await fresh.connect();
      try {
        await removeTopic(fresh, address);
      } finally {
        await fresh.disconnect();
      }
    },
    ...(control === undefined
      ? {}
      : {
          process: control,
          async holdSends() {
            await control.pause();
            return { release: () => control.resume() };
          },
          async cutLinks() {
            await control.stop();
            return { restore: () => control.restart() };
          },
          async denyCreation() {
            await (await admin()).createAcls({ acl: ACLS });
            return { restore: async () => void (await (await admin()).deleteAcls({ filters: ACLS.map((acl) => ({ ...acl })) })) };
          },
        }),
  };
  return {
    controls,
    async close() {
      await (await linked)?.disconnect();
    },
  };
}

const everything = (resourceType: AclResourceTypes, resourceName: string) => ({
  resourceType,
  resourceName,
  resourcePatternType: ResourcePatternTypes.LITERAL,
  principal: 'User:*',
  host: '*',
  operation: AclOperationTypes.ALL,
  permissionType: AclPermissionTypes.ALLOW,
});

/** With one ACL on a resource everything else on it is forbidden: so all is allowed, and making denied, which wins. */
const ACLS = [
  everything(AclResourceTypes.CLUSTER, 'kafka-cluster'),
  everything(AclResourceTypes.TOPIC, '*'),
  {
    ...everything(AclResourceTypes.CLUSTER, 'kafka-cluster'),
    operation: AclOperationTypes.CREATE,
    permissionType: AclPermissionTypes.DENY,
  },
  { ...everything(AclResourceTypes.TOPIC, '*'), operation: AclOperationTypes.CREATE, permissionType: AclPermissionTypes.DENY },
];
