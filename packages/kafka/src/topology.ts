import { type Channel, type Clock, type Drift, sleep, type Topology } from '@omnibus/core/transport';
import type { LogAdmin } from './client.js';
import { callError, kafkaError, nameOf } from './errors.js';
import { PARTITIONS, type ResolvedOptions, type TopicOptions } from './options.js';

/** Topic names as Kafka allows them: Topic.validate of Kafka's clients. */
const LEGAL = /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/;

/** The group that reads a subscription. */
export const groupOf = ({ address }: { readonly address: string }): string => address;

/** What a topic shall be, by its name. Throws INVALID for a name that Kafka does not allow. */
export function topicsOf(topology: Topology, options: ResolvedOptions): ReadonlyMap<string, TopicOptions> {
  const { partitions, replicas, retentionMs } = options;
  const said = {
    ...(partitions && { partitions }),
    ...(replicas && { replicas }),
    ...(retentionMs !== undefined && { retentionMs }),
  };
  const topics = new Map<string, TopicOptions>();
  const add = ({ name, address }: Channel): void => {
    if (!LEGAL.test(address)) {
      const how = `give channel '${name}' another address: up to 249 of a-z A-Z 0-9 . _ -`;
      throw kafkaError('INVALID', `'${address}' cannot be the name of a topic; ${how}`);
    }
    topics.set(address, { ...said, ...options.topics?.[address] });
  };
  topology.channels.forEach(add);
  for (const { channel } of topology.subscriptions) add(channel);
  topology.deadLetters.forEach(add);
  topology.retries.forEach(add);
  return topics;
}

/** Makes the topics that are missing (mode `create`) and says how those that are there differ from what was asked for. */
export async function declare(
  admin: LogAdmin,
  topics: ReadonlyMap<string, TopicOptions>,
  mode: 'create' | 'verify',
  clock: Clock,
): Promise<readonly Drift[]> {
  const there = new Set(await admin.listTopics());
  const missing = [...topics].filter(([topic]) => !there.has(topic));
  const existing = [...topics].filter(([topic, said]) => there.has(topic) && Object.keys(said).length > 0);
  if (mode === 'verify') {
    const absent = missing.map(([topic]) => drift(topic, 'existence', 'present', 'missing'));
    return [...absent, ...(await differences(admin, existing))];
  }
  if (missing.length > 0) {
    await create(admin, missing);
    await led(
      admin,
      missing.map(([topic]) => topic),
      clock,
    );
  }
  return differences(admin, existing);
}

async function create(admin: LogAdmin, missing: readonly (readonly [string, TopicOptions])[]): Promise<void> {
  const what = `making the topics ${missing.map(([topic]) => topic).join(', ')}`;
  try {
    await admin.createTopics(
      missing.map(([topic, { partitions = PARTITIONS, replicas = -1, ...said }]) => ({
        topic,
        partitions,
        replicas,
        settings: settingsOf(said),
      })),
    );
  } catch (error) {
    if (nameOf(error) === 'TOPIC_ALREADY_EXISTS') return; // another process made it meanwhile
    const failure = callError(what, error);
    if (failure.code !== 'DENIED') throw failure;
    const how = "allow CREATE on the topics, or use 'provision: assume' and have an operator make them";
    throw kafkaError('DENIED', `${what} was refused; ${how}`, { cause: error });
  }
}

const LEADERS_MS = 10_000;
const LOOK_MS = 50;
const NOT_YET: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'NOT_LEADER_OR_FOLLOWER',
]);

/** Waits until every partition of topics that were just made can be written and read: their brokers hear of them one after another. */
async function led(admin: LogAdmin, topics: readonly string[], clock: Clock): Promise<void> {
  for (const until = clock.monotonic() + LEADERS_MS; ; await sleep(clock, LOOK_MS)) {
    try {
      const found = await admin.describeTopics(topics);
      if (found.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0))) {
        for (const topic of topics) await admin.fetchTopicOffsets(topic); // who leads may not know it yet
        return;
      }
    } catch (error) {
      if (!NOT_YET.has(nameOf(error) ?? '')) throw error;
    }
    if (clock.monotonic() > until)
      throw kafkaError('TIMEOUT', `the topics ${topics.join(', ')} were made, but have no leaders after ${LEADERS_MS} ms`);
  }
}

/** Settings of a topic by Kafka's own names. */
function settingsOf({ retentionMs, compact }: TopicOptions): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  if (retentionMs !== undefined) settings.set('retention.ms', String(retentionMs));
  if (compact !== undefined) settings.set('cleanup.policy', compact ? 'compact' : 'delete');
  return settings;
}

async function differences(admin: LogAdmin, existing: readonly (readonly [string, TopicOptions])[]): Promise<readonly Drift[]> {
  if (existing.length === 0) return [];
  const names = existing.map(([topic]) => topic);
  const topics = await admin.describeTopics(names);
  const settings = await admin.settingsOf(names);
  return existing.flatMap(([topic, said]) => {
    const found = topics.find((each) => each.topic === topic);
    const wanted: [property: string, wanted: string, found: string | undefined][] = [
      ...(said.partitions === undefined ? [] : [many('partitions', said.partitions, found?.partitions.length)]),
      ...(said.replicas === undefined ? [] : [many('replicas', said.replicas, found?.partitions[0]?.replicas)]),
      ...[...settingsOf(said)].map(([name, value]): [string, string, string | undefined] => [
        name,
        value,
        settings.get(topic)?.get(name),
      ]),
    ];
    return wanted
      .filter(([, value, is]) => value !== is)
      .map(([property, value, is]) => drift(topic, property, value, is ?? 'unreadable'));
  });
}

const many = (property: string, wanted: number, found: number | undefined): [string, string, string | undefined] => [
  property,
  String(wanted),
  found === undefined ? undefined : String(found),
];

const drift = (topic: string, property: string, wanted: string, found: string): Drift => ({
  object: `topic '${topic}'`,
  property,
  wanted,
  found,
});
