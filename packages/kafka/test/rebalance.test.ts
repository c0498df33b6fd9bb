import { once } from 'node:events';
import { FaultProxy } from '@omnibus/brokers';
import { createApp, topic } from '@omnibus/core';
import { ACK, type MessagingError, NONE, type Receiver } from '@omnibus/core/transport';
import { Admin } from '@platformatic/kafka';
import { describe, expect, it, onTestFinished } from 'vitest';
import { kafka } from '../src/index.js';
import { broker, channel, connected, note, notRun, subscription, take, topology, url } from './broker.js';
import { Note } from './support/note.js';
import { theEndOfASession } from './support/silent-member.js';

/** Messages that wait or run at any time, and how long each runs. */
const LOAD = 48;
const HANDLER_MS = 200;

/** Handles messages in one process, of which each brings another, while a second one joins the group and leaves it again. */
async function deploy(drainMs: number) {
  const Notes = topic(`deployed-${drainMs}-${process.pid}`, { messages: [Note] });
  const config = { name: 'tests', transports: { log: kafka({ url, client: 'platformatic', drainMs }) }, default: 'log' };
  /** By message: how often it was begun. */
  const runs: number[] = [];
  let sent = 0;
  let isFed = true;
  const member = async () => {
    const app = await createApp({ config, transports: [kafka], producers: [Notes] });
    app.consumer(Notes, { group: 'g', concurrency: 8, window: 16 }).handle(Note, async ({ n }) => {
      runs[n] = (runs[n] ?? 0) + 1;
      await new Promise((resolve) => setTimeout(resolve, HANDLER_MS));
      if (isFed) await send();
    });
    return { app, stats: () => app.stats.consumers[`${Notes.name}/g`]! };
  };
  const [stays, comes] = [await member(), await member()];
  const send = (): Promise<unknown> => stays.app.producer(Notes).send(Note, { n: sent++ });
  const handledBy = async ({ stats }: typeof stays): Promise<void> => {
    const before = stats().handled;
    await expect.poll(() => stats().handled, { timeout: 20_000 }).toBeGreaterThan(before + 10);
  };
  try {
    await stays.app.start();
    await Promise.all(Array.from({ length: LOAD }, send));
    await handledBy(stays);
    await comes.app.start();
    await handledBy(comes);
    await comes.app.stop();
    await handledBy(stays);
    isFed = false;
    await expect.poll(() => Object.keys(runs).length, { timeout: 20_000 }).toBe(sent);
  } finally {
    await Promise.all([stays, comes].map(({ app }) => app.stop()));
  }
  const stats = [stays.stats(), comes.stats()];
  const sum = (of: 'lost' | 'overlapped'): number => stats.reduce((total, each) => total + each[of], 0);
  return { twice: runs.filter((times) => times > 1).length, lost: sum('lost'), overlapped: sum('overlapped') };
}

/** A receiver of one partition that has four messages, of which it handed out two. */
async function holding(at: readonly string[] = url) {
  const notes = channel();
  const group = subscription(notes);
  const options = { client: 'platformatic' as const, drainMs: 24_000, partitions: 1 };
  const to = await connected(topology([notes], [group]), options);
  await (await to.sender(notes)).send(Array.from({ length: 4 }, () => note()));
  const own = at === url ? to : await connected(topology([notes], [group]), { ...options, url: at });
  const receiver = await own.receiver(group);
  return { to, group, receiver, held: await take(receiver, 2) };
}

/** What a receiver says to a position that is none tells what it does: nothing is moved. */
const drains = async (receiver: Receiver): Promise<void> => {
  const answer = () => receiver.seek!({ position: 'none' }).catch((error: unknown) => (error as MessagingError).code);
  await expect.poll(answer, { timeout: 15_000 }).toBe('LOST');
};

function bystander(): Admin {
  const admin = new Admin({ clientId: 'bystander', bootstrapBrokers: [...url] });
  onTestFinished(() => admin.close());
  return admin;
}

/** A way to the broker that can be broken. */
async function link() {
  // that of corrupt.test.ts is the first, and the faults take theirs from the other end
  const { port, advertisedPort } = broker.available ? broker.links[1]! : { port: 0, advertisedPort: 0 };
  const proxy = await FaultProxy.listen({ port: advertisedPort, upstream: { host: '127.0.0.1', port } });
  onTestFinished(() => proxy.close());
  return { proxy, at: [`127.0.0.1:${advertisedPort}`] };
}

const LOST = { error: { code: 'LOST' } };

describe.skipIf(!broker.available)(`a group of Kafka that drains${notRun}`, () => {
  it('handles nothing twice and loses nothing, where a process comes and goes', async () => {
    expect(await deploy(10_000)).toEqual({ twice: 0, lost: 0, overlapped: 0 });
  }, 90_000);

  it('would otherwise lose what runs, and handle it again', async () => {
    const { twice, lost, overlapped } = await deploy(0);
    expect(Math.min(twice, lost, overlapped)).toBeGreaterThan(0);
  }, 90_000);

  it('takes acks while others join, of the other client too, for longer than the session timeout, and shares out the partitions behind them', async () => {
    const { to, group, receiver, held } = await holding();
    const second = to.receiver(group);
    await drains(receiver);
    expect(await receiver.settle(held.slice(0, 1), ACK)).toBe(NONE);
    const kafkajs = await connected(topology([group.channel], [group]), { client: 'kafkajs' });
    const third = kafkajs.receiver(group);
    await theEndOfASession(group.channel.address);
    expect(await receiver.settle(held.slice(1), ACK)).toBe(NONE);
    const all = [receiver, await second, await third];
    const signal = AbortSignal.timeout(20_000);
    const came = await Promise.race(all.map((each) => each.receive(10, signal)));
    expect(came.map(({ position }) => position)).toEqual(['0:2', '0:3']);
  }, 60_000);

  it.each([
    ['the group has forgotten the member', (groupId: string) => bystander().removeMembersFromConsumerGroup({ groupId })],
    ['the connection is lost', async (_: string, proxy: FaultProxy) => proxy.cutAll()],
  ])('ends at once where %s, which joins anew', async (_, happen) => {
    const { proxy, at } = await link();
    const { to, group, receiver, held } = await holding(at);
    const second = to.receiver(group);
    await drains(receiver);
    const aborted = once(held[0]!.lease!, 'abort', { signal: AbortSignal.timeout(10_000) });
    await happen(group.address, proxy);
    await aborted;
    expect(await receiver.settle(held, ACK)).toMatchObject([LOST, LOST]);
    const signal = AbortSignal.timeout(20_000);
    const came = await Promise.race([receiver, await second].map((each) => each.receive(10, signal)));
    expect(came[0]!.position).toBe('0:0');
  });

  it('ends where nothing is answered for the session timeout, and the receiver with it', async () => {
    const { proxy, at } = await link();
    const { to, group, receiver, held } = await holding(at);
    const second = to.receiver(group);
    await drains(receiver);
    const aborted = once(held[0]!.lease!, 'abort', { signal: AbortSignal.timeout(15_000) });
    proxy.halfOpen();
    await aborted;
    await expect(receiver.receive(1, AbortSignal.timeout(5_000))).rejects.toMatchObject({ code: 'CONNECTION' });
    const closing = receiver.close(); // the broker hears of it when the session is over
    expect((await take(await second, 4))[0]!.position).toBe('0:0');
    await closing;
  });

  it('is left by a member that closes while it waits for the others to join', async () => {
    const { to, group, receiver, held } = await holding();
    const opening = to.receiver(group);
    await drains(receiver);
    await receiver.settle(held, ACK);
    const [own, other] = [receiver, await opening];
    const signal = AbortSignal.timeout(20_000);
    const by = async (each: Receiver) => ({ each, came: await each.receive(1, signal) });
    const { each: busy } = await Promise.race([by(own), by(other)]);
    const idle = busy === own ? other : own;
    const third = to.receiver(group);
    await Promise.all([drains(busy), drains(idle)]);
    await idle.close();
    const admin = bystander();
    const members = async () => (await admin.describeGroups({ groups: [group.address] })).get(group.address)!.members.size;
    await expect.poll(members, { timeout: 10_000 }).toBe(2);
    await busy.close();
    await third;
    expect(await members()).toBe(1);
  });

  it('is left at once by a member that closes, and for good', async () => {
    const { to, group, receiver, held } = await holding();
    const second = to.receiver(group);
    await drains(receiver);
    await receiver.close();
    expect(held[0]!.lease!.aborted).toBe(true);
    expect((await take(await second, 4))[0]!.position).toBe('0:0');
    const groups = await bystander().describeGroups({ groups: [group.address] });
    expect(groups.get(group.address)!.members.size).toBe(1);
  });
});
