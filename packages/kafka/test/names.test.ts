import { once } from 'node:events';
import { createApp, perInstance, queue, topic } from '@omnibus/core';
import { ACK, NONE, type Receiver } from '@omnibus/core/transport';
import { Admin } from '@platformatic/kafka';
import { describe, expect, it, onTestFinished } from 'vitest';
import { kafka } from '../src/index.js';
import type { ResolvedOptions } from '../src/options.js';
import { broker, channel, connected, note, notRun, subscription, take, topology, transport, url } from './broker.js';
import { Note } from './support/note.js';

it('is refused with kafkajs, and where it is no name', () => {
  expect(() => transport({ instanceId: 'pod-0' })).toThrow(
    /instanceId \('pod-0'\) .* kafkajs .* use client: platformatic, or leave/,
  );
  for (const instanceId of ['', '..', 'pod 0', 'x'.repeat(250)])
    expect(() => transport({ instanceId, client: 'platformatic' })).toThrow(/instanceId \('.*'\) has to be 1 to 249 letters/);
});

const named = (instanceId: string, over: Partial<ResolvedOptions> = {}): Partial<ResolvedOptions> => ({
  client: 'platformatic',
  partitions: 2,
  instanceId,
  sessionTimeoutMs: 30_000, // longer than a restart takes on a busy machine
  ...over,
});

/** The partitions that it reads. */
const partitionsOf = (receiver: Receiver): readonly string[] => Object.keys(receiver.lag!());

/** A topic of two partitions with eight messages, and a group of two members, each of which holds its four. */
async function pair(over: Partial<ResolvedOptions> = {}) {
  const notes = channel();
  const group = subscription(notes);
  const needs = topology([notes], [group]);
  const [one, other] = [await connected(needs, named('pod-0', over)), await connected(needs, named('pod-1', over))];
  const send = async () => (await one.sender(notes)).send(Array.from({ length: 8 }, () => note()));
  const receivers = await Promise.all([one, other].map((each) => each.receiver(group)));
  await expect.poll(() => receivers.map((each) => partitionsOf(each).length), { timeout: 20_000 }).toEqual([1, 1]);
  const [leaving, staying] = receivers as [Receiver, Receiver];
  await send();
  return { group, one, send, leaving, staying, left: await take(leaving, 4), held: await take(staying, 4) };
}

function bystander(): Admin {
  const admin = new Admin({ clientId: 'bystander', bootstrapBrokers: [...url] });
  onTestFinished(() => admin.close());
  return admin;
}

/** Messages that wait or run at any time, and how long each runs. */
const LOAD = 48;
const HANDLER_MS = 100;

const configOf = (instanceId: string) => ({
  name: 'tests',
  transports: { log: kafka({ url, ...named(instanceId) }) },
  default: 'log',
});

const LOST = { error: { code: 'LOST' } };

describe.skipIf(!broker.available)(`a member of a group of Kafka that has a name${notRun}`, () => {
  it('has its partitions again when it comes back, and what waited in them, while nobody else notices', async () => {
    const { group, one, send, leaving, staying, left, held } = await pair();
    const before = partitionsOf(leaving);
    expect(await leaving.settle(left.slice(0, 3), ACK)).toBe(NONE);
    await leaving.close();
    await send();
    await take(staying, 4);
    const back = await one.receiver(group);
    const came = await take(back, 5);
    expect(partitionsOf(back)).toEqual(before);
    expect(came[0]!.position).toBe(left[3]!.position);
    expect(held[0]!.lease!.aborted).toBe(false);
    expect(await staying.settle(held, ACK)).toBe(NONE);
  }, 60_000);

  it('leaves them to the others where it stays away for longer than its session', async () => {
    const { leaving, staying } = await pair({ sessionTimeoutMs: 6_000 });
    await leaving.close();
    await expect.poll(() => partitionsOf(staying), { timeout: 20_000 }).toEqual(['0', '1']);
  }, 60_000);

  it.each([0, 5_000])(
    'stays away once another process has joined by it, with a drain of %i ms',
    async (drainMs) => {
      const notes = channel();
      const group = subscription(notes);
      const member = () => connected(topology([notes], [group]), named('pod-0', { drainMs }));
      const [one, other] = [await member(), await member()];
      await (await one.sender(notes)).send([note(), note()]);
      const replaced = await one.receiver(group);
      const held = await take(replaced, 2);
      const ended = once(held[0]!.lease!, 'abort', { signal: AbortSignal.timeout(10_000) });
      const newer = await other.receiver(group);
      const theirs = await take(newer, 2);
      await ended;
      expect(await replaced.settle(held, ACK)).toMatchObject([LOST, LOST]);
      await expect(replaced.receive(1, AbortSignal.timeout(5_000))).rejects.toThrow(/FENCED_INSTANCE_ID\); another process/);
      await replaced.close();
      await expect(one.receiver(group)).rejects.toMatchObject({ code: 'CONFIG', message: expect.stringContaining("'pod-0'") });
      expect(theirs[0]!.lease!.aborted).toBe(false);
      expect(await newer.settle(theirs, ACK)).toBe(NONE);
    },
    60_000,
  );

  it('may be replaced under load again and again: nothing is lost or handled twice, and the others go on', async () => {
    const Notes = queue(`replaced-${process.pid}`, { messages: [Note] });
    /** By message: how often it was begun. */
    const runs: number[] = [];
    let sent = 0;
    let isFed = true;
    const member = async (name: string) => {
      const app = await createApp({ config: configOf(name), transports: [kafka], producers: [Notes] });
      const send = (): Promise<unknown> => app.producer(Notes).send(Note, { n: sent++ });
      app.consumer(Notes, { concurrency: 8, window: 16 }).handle(Note, async ({ n }) => {
        runs[n] = (runs[n] ?? 0) + 1;
        await new Promise((resolve) => setTimeout(resolve, HANDLER_MS));
        if (isFed) await send();
      });
      await app.start();
      onTestFinished(() => app.stop());
      return { app, send, stats: () => app.stats.consumers[Notes.name]! };
    };
    type Member = Awaited<ReturnType<typeof member>>;
    const handledBy = async ({ stats }: Member): Promise<void> => {
      const before = stats().handled;
      await expect.poll(() => stats().handled, { timeout: 20_000 }).toBeGreaterThan(before + 10);
    };
    const [stays, first] = await Promise.all([member('pod-0'), member('pod-1')]);
    await Promise.all(Array.from({ length: LOAD }, stays.send));
    const all = [stays, first];
    for (let restarts = 0; restarts < 3; restarts++) {
      const leaves = all.at(-1)!;
      await Promise.all([stays, leaves].map(handledBy));
      await leaves.app.stop();
      all.push(await member('pod-1'));
    }
    await handledBy(all.at(-1)!);
    isFed = false;
    await expect.poll(() => Object.keys(runs).length, { timeout: 20_000 }).toBe(sent);
    expect(runs.filter((times) => times > 1)).toEqual([]);
    expect(all.map(({ stats }) => [stats().lost, stats().overlapped])).toEqual(all.map(() => [0, 0]));
  }, 60_000);

  it('takes it from the process that had it, which says so in its health and does not take it back', async () => {
    const Notes = queue(`taken-${process.pid}`, { messages: [Note] });
    const handled: string[] = [];
    const member = async (process: string) => {
      const app = await createApp({ config: configOf('pod-0'), transports: [kafka], producers: [Notes] });
      app.consumer(Notes).handle(Note, ({ n }) => void handled.push(`${process} ${n}`));
      await app.start();
      onTestFinished(() => app.stop());
      return app;
    };
    const one = await member('one');
    await one.producer(Notes).send(Note, { n: 1 });
    await expect.poll(() => handled, { timeout: 10_000 }).toEqual(['one 1']);
    const other = await member('other');
    const stayingAway = expect.stringContaining("a newer member with the instanceId 'pod-0'");
    const why = async () => (await one.health()).endpoints.map((each) => each.why);
    await expect.poll(why, { timeout: 15_000 }).toContainEqual(stayingAway);
    await one.producer(Notes).send(Note, { n: 2 });
    await expect.poll(() => handled, { timeout: 10_000 }).toEqual(['one 1', 'other 2']);
    expect((await other.health()).ok).toBe(true);
    expect(other.stats.reconnects).toBe(0);
  }, 60_000);

  it('has none where it only makes the group: whoever reads it has all partitions', async () => {
    const notes = channel();
    const group = subscription(notes);
    await connected(topology([notes], [group]), named('pod-0'));
    const found = await bystander().describeGroups({ groups: [group.address] });
    expect(found.get(group.address)!.members.size).toBe(0);
  });

  it('has none in the groups that end with it, nor in those that move delayed messages: they go on elsewhere', async () => {
    const [Parcels, Notes] = [
      queue(`own-${process.pid}`, { messages: [Note], maxDelayMs: 5_000 }),
      topic(`all-${process.pid}`, { messages: [Note] }),
    ];
    const app = await createApp({ config: configOf('pod-0'), transports: [kafka], producers: [Parcels] });
    app.consumer(Parcels).handle(Note, () => undefined);
    app.consumer(Notes, { group: perInstance }).handle(Note, () => undefined);
    await app.start();
    const admin = bystander();
    const names = async (): Promise<unknown> => {
      const ids = [...(await admin.listGroups()).keys()].filter((id) => /^(own|all)-/.test(id));
      const found = await admin.describeGroups({ groups: ids });
      const by = [...found.values()].map(({ id, members }) => {
        const [own] = members.values();
        return [id.replace(/-\d+.*?(?=\.wait|$)/, ''), own?.groupInstanceId];
      });
      return Object.fromEntries(by);
    };
    expect(await names()).toEqual({ own: 'pod-0', 'own.wait.1s': null, all: null });
    await app.stop();
    expect(await names()).toEqual({ own: 'pod-0', 'own.wait.1s': undefined });
  }, 60_000);
});
