import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FaultProxy, startOwn } from '@omnibus/brokers';
import type { BrokenBroker, BrokenLink, ConsumerProcess, ConsumerScript } from '@omnibus/conformance';
import { type Channel, connect } from 'amqplib';
import { rabbitmq } from '../../src/index.js';

/** Short heartbeats, so that a silent link is noticed within a test's patience. */
const HEARTBEAT_MS = 2_000;
const definitionOf = (url: string) => rabbitmq({ url, heartbeatMs: HEARTBEAT_MS });

/** A RabbitMQ of one's own. @throws Error where there is none to be had */
export async function brokenBroker(): Promise<BrokenBroker> {
  const broker = await startOwn('rabbitmq');
  if (!broker.available) throw new Error(broker.reason);
  const { url, control, admin } = broker;
  if (control === undefined || admin === undefined) throw new Error('this RabbitMQ cannot be broken: it is not ours');
  const say = async <T>(what: (channel: Channel) => Promise<T>): Promise<T> => {
    const connection = await connect(url);
    try {
      const channel = await connection.createChannel();
      channel.on('error', () => {}); // told by the call that failed
      return await what(channel);
    } finally {
      await connection.close();
    }
  };
  return {
    definition: () => definitionOf(url),
    link: async () => brokenLink(url),
    restart: () => control.restart(),
    kill: () => control.kill(),
    async freeze(ms) {
      await control.pause();
      await wait(ms);
      await control.resume();
    },
    // with what consumers hold, which a passive declare leaves out
    async count(address) {
      const found = (await admin.list('queues', ['name', 'messages'])).find(({ name }) => name === address);
      return found === undefined ? undefined : Number(found['messages']);
    },
    remove: (address) => say(async (channel) => void (await channel.deleteQueue(address))),
    makeSmallQueue: (address, maxMessages) =>
      say(async (channel) => {
        const args = { 'x-queue-type': 'quorum', 'x-max-length': maxMessages, 'x-overflow': 'reject-publish' };
        await channel.assertQueue(address, { durable: true, arguments: args });
      }),
    async blockPublishers() {
      await admin.blockPublishers();
      return () => admin.unblockPublishers();
    },
    settle: () => admin.syncToDisk(),
    [Symbol.asyncDispose]: () => broker.dispose(),
  };
}

async function brokenLink(url: string): Promise<BrokenLink> {
  const proxy = await FaultProxy.inFrontOf(url);
  return {
    definition: () => definitionOf(proxy.url(url)),
    cut: () => proxy.cutAll(),
    // more than a heartbeat or an ack: a chunk with a message in it
    cutAfterNext: (direction) => proxy.cutWhen((way, chunk) => way === direction && chunk.length > 200),
    halfOpen: () => proxy.halfOpen(),
    [Symbol.asyncDispose]: () => proxy.close(),
  };
}

/** A consumer in a process of its own, consuming when this resolves. */
export async function consumerProcess(script: ConsumerScript): Promise<ConsumerProcess> {
  const child = fork(fileURLToPath(new URL('./consumer-process.ts', import.meta.url)), [JSON.stringify(script)], {
    execArgv: [],
  });
  const exited = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    onTold: (told) => void child.on('message', (id: string) => told(id)),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
