import { FaultProxy } from '@omnibus/brokers';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogEvents } from '../src/client.js';
import { clientOf } from '../src/clients/open.js';
import { DEFAULTS } from '../src/options.js';
import { broker, CLIENTS, channel, connected, notRun, subscription, topology, url } from './broker.js';
import { joinAs } from './support/raw-member.js';

const NOTHING: LogEvents = { gathering: async () => {}, joined() {}, left() {}, crashed() {}, batch: async () => {} };

/** Each way, so that there is time between the broker's answers and their arrival. */
const LATENCY_MS = 300;

describe.skipIf(!broker.available).each(CLIENTS)(`a group that is joined by %s${notRun}`, (client) => {
  const link = broker.available ? broker.links[2] : undefined; // the faults take theirs from the other end
  let admin: Admin;
  const members = async (groupId: string): Promise<number> => (await admin.describeGroups([groupId])).groups[0]!.members.length;

  beforeAll(async () => {
    admin = new Kafka({ brokers: [...url], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  });
  afterAll(() => admin.disconnect());

  it('has no member of a consumer that was closed while it joined', async () => {
    const notes = channel();
    const groupId = `${notes.name}.group`;
    await connected(topology([notes]), { client });
    const { port, advertisedPort } = link!;
    await using proxy = await FaultProxy.listen({ port: advertisedPort, upstream: { host: '127.0.0.1', port } });
    proxy.set({ latencyMs: LATENCY_MS });
    const options = { ...DEFAULTS, url: [`127.0.0.1:${proxy.port}`], client, sessionTimeoutMs: 6_000 };
    const { openConsumer } = await clientOf({ client });
    const consumer = await openConsumer(options, 'tests', { topic: notes.name, groupId }, NOTHING);
    const started = consumer.start().catch((error: unknown) => error);
    const state = async (): Promise<string> => (await admin.describeGroups([groupId])).groups[0]!.state;
    await expect.poll(state, { timeout: 10_000, interval: 20 }).toBe('Stable'); // it is a member, and has not heard of it
    await consumer.close();
    expect(await started).toBeInstanceOf(Error);
    await expect.poll(() => members(groupId), { timeout: 12_000 }).toBe(0); // cut off, its session has to end first
  });

  it('is not waited for any more where the transport is closed', { timeout: 20_000 }, async () => {
    const notes = channel();
    const groupId = `${notes.name}.group`;
    const to = await connected(topology([notes]), { client });
    await joinAs('consumer', url[0]!, groupId, 'RoundRobinAssigner'); // and says no more: joins wait 30 s for it
    const receiver = to.receiver(subscription(notes)).catch((error: unknown) => error);
    await expect.poll(() => members(groupId), { timeout: 5_000 }).toBe(2);
    await to.close();
    expect(await receiver).toMatchObject({ code: 'CONNECTION' });
  });
});
