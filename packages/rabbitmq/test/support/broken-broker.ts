import { FaultProxy, type RabbitMqAdmin, startOwn } from '@omnibus/brokers';
import type { BrokenLink, Broker, OwnBroker } from '@omnibus/conformance';
import { type Channel, connect } from 'amqplib';
import { rabbitmq } from '../../src/index.js';
import { brokenLogin } from './broken-login.js';

/** Short heartbeats, so that a silent link is noticed within a test's patience. */
const HEARTBEAT_MS = 2_000;
const definitionOf = (url: string) => rabbitmq({ url, heartbeatMs: HEARTBEAT_MS });

/** RabbitMQ looks once a heartbeat, and closes a link on which nothing came for two of them. */
export const SILENCE_MS = 3 * HEARTBEAT_MS;

/** The RabbitMQ at this URL, by plain AMQP, and by rabbitmqctl where it is ours. */
export function brokerAt(url: string, admin: RabbitMqAdmin | undefined): Broker {
  const say = async <T>(what: (channel: Channel) => Promise<T>): Promise<T> => {
    const connection = await connect(url);
    connection.on('error', () => {}); // told by the call that failed
    try {
      const channel = await connection.createChannel();
      channel.on('error', () => {});
      return await what(channel);
    } finally {
      await connection.close();
    }
  };
  /** Of a passive declare; undefined where there is no such queue. */
  const count = (address: string): Promise<number | undefined> =>
    say((channel) =>
      channel.checkQueue(address).then(
        ({ messageCount }) => messageCount,
        (error: unknown) => {
          if ((error as { code?: number }).code === 404) return undefined;
          throw error;
        },
      ),
    );
  return {
    definition: () => definitionOf(url),
    link: ({ patient } = { patient: false }) => brokenLink(url, patient ? (own) => rabbitmq({ url: own }) : definitionOf),
    count,
    async ids(address) {
      if ((await count(address)) === undefined) return [];
      return say(async (channel) => {
        const ids: string[] = [];
        // unacknowledged, they go back with the connection
        for (let got = await channel.get(address); got !== false; got = await channel.get(address))
          ids.push(String(got.properties.messageId));
        return ids;
      });
    },
    remove: (address) => say(async (channel) => void (await channel.deleteQueue(address))),
    makeSmallQueue: (address, maxMessages) =>
      say(async (channel) => {
        const args = { 'x-queue-type': 'quorum', 'x-max-length': maxMessages, 'x-overflow': 'reject-publish' };
        await channel.assertQueue(address, { durable: true, arguments: args });
      }),
    ...(admin === undefined ? {} : { login: () => brokenLogin(url, admin, definitionOf) }),
  };
}

/** A RabbitMQ of one's own, or why there is none to be had. */
export async function ownBroker(): Promise<OwnBroker | { readonly notRun: string }> {
  const found = await startOwn('rabbitmq');
  if (!found.available) return { notRun: found.reason };
  const { url, control, admin } = found;
  if (control === undefined || admin === undefined) return { notRun: 'this RabbitMQ is not ours to break' };
  return {
    ...brokerAt(url, admin),
    restart: () => control.restart(),
    kill: () => control.kill(),
    async freeze() {
      await control.pause();
      return () => control.resume();
    },
    async blockPublishers() {
      await admin.blockPublishers();
      return () => admin.unblockPublishers();
    },
    settle: () => admin.syncToDisk(),
    [Symbol.asyncDispose]: () => found.dispose(),
  };
}

async function brokenLink(url: string, define: typeof definitionOf): Promise<BrokenLink> {
  const proxy = await FaultProxy.inFrontOf(url);
  return {
    definition: () => define(proxy.url(url)),
    cut() {
      const { open } = proxy.counts;
      proxy.cutAll();
      return open;
    },
    // every message of a run has this in its body
    cutAfterNext: (direction) => proxy.cutWhen((way, chunk) => way === direction && chunk.includes('"key":"k')),
    halfOpen: () => proxy.halfOpen(),
    slow(how) {
      proxy.set(how);
      return () => proxy.heal();
    },
    [Symbol.asyncDispose]: () => proxy.close(),
  };
}
