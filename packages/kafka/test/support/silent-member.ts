import kafkajs from 'kafkajs';
import { expect } from 'vitest';
import { url } from '../broker.js';

/** Resolves when the broker has given up a member that joined now and says nothing: whoever is silent since is given up as well. */
export async function theEndOfASession(topic: string): Promise<void> {
  const client = new kafkajs.Kafka({ brokers: [...url], clientId: 'silent', logLevel: kafkajs.logLevel.NOTHING });
  const groupId = `${topic}.silent`;
  const [admin, silent] = [client.admin(), client.consumer({ groupId, sessionTimeout: 6_000, retry: { retries: 0 } })];
  let speak = (): void => {};
  const mute = new Promise<void>((resolve) => {
    speak = resolve;
  });
  await Promise.all([admin.connect(), silent.connect()]);
  try {
    await silent.subscribe({ topic, fromBeginning: true });
    const hasJoined = new Promise((resolve) => silent.on(silent.events.GROUP_JOIN, resolve));
    await silent.run({ autoCommit: false, eachBatch: () => mute });
    await hasJoined;
    const isThere = async (): Promise<boolean> => (await admin.describeGroups([groupId])).groups[0]!.members.length > 0;
    expect(await isThere()).toBe(true);
    await expect.poll(isThere, { timeout: 20_000, interval: 200 }).toBe(false);
  } finally {
    speak();
    await Promise.all([silent.disconnect(), admin.disconnect()]);
  }
}
