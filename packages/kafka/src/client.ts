import type { ResolvedOptions } from './options.js';
import type { Incoming, Outgoing } from './wire.js';

/*
 * What this transport needs of a Kafka client, and no more. Each end that is opened has connections of its own: a frozen socket of one
 * shall not hold up another. `clients/` has what implements it, and is the only room that knows a client library.
 */

/** A Kafka client. Nothing is kept between its calls. */
export interface LogClient {
  /** Throws CONFIG where what the options ask for is not installed, such as the codec of `compression`. */
  check(options: ResolvedOptions): Promise<void>;
  /** Connects an administration client. */
  openAdmin(options: ResolvedOptions, clientId: string): Promise<LogAdmin>;
  /** Connects an idempotent producer of one topic: what is sent again inside one `send` is stored once. */
  openProducer(options: ResolvedOptions, clientId: string, topic: string): Promise<LogProducer>;
  /** A member of a group on a topic, not joined yet. Where the group has no position in a partition, it reads it from its beginning. */
  openConsumer(
    options: ResolvedOptions,
    clientId: string,
    at: { readonly topic: string; readonly groupId: string },
    events: LogEvents,
  ): Promise<LogConsumer>;
}

/** The offset of the next message of a partition; -1 where there is none. Offsets are text, as they pass what a number can hold. */
interface PartitionOffset {
  readonly partition: number;
  readonly offset: string;
}

/** A topic as it is to be made. */
export interface NewTopic {
  readonly topic: string;
  readonly partitions: number;
  /** -1: as the broker has it. */
  readonly replicas: number;
  /** Settings by Kafka's own names. */
  readonly settings: ReadonlyMap<string, string>;
}

/** A topic as it is. */
interface FoundTopic {
  readonly topic: string;
  /** `leader` is below 0 where there is none; `replicas` is how many copies there are. */
  readonly partitions: readonly { readonly leader: number; readonly replicas: number }[];
}

/** The administration of a cluster. Rejects with what the broker said; `errors.ts` reads its name. */
export interface LogAdmin {
  /** Resolves where the cluster answers. */
  ping(): Promise<void>;
  listTopics(): Promise<readonly string[]>;
  /** In no particular order. Rejects where one of them is not there. */
  describeTopics(topics: readonly string[]): Promise<readonly FoundTopic[]>;
  /** Resolves once they are made; who leads their partitions may come later. */
  createTopics(topics: readonly NewTopic[]): Promise<void>;
  deleteTopics(topics: readonly string[]): Promise<void>;
  /** By topic: its settings by Kafka's own names. */
  settingsOf(topics: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>>;
  /** `low`: the first that is kept; `high`: behind the last. */
  fetchTopicOffsets(
    topic: string,
  ): Promise<readonly { readonly partition: number; readonly low: string; readonly high: string }[]>;
  /** The first that was sent at `time` (ms since 1970) or later. */
  fetchTopicOffsetsByTimestamp(topic: string, time: number): Promise<readonly PartitionOffset[]>;
  /** The positions of a group, in every partition of each topic. */
  fetchOffsets(of: {
    readonly groupId: string;
    readonly topics: readonly string[];
  }): Promise<readonly { readonly topic: string; readonly partitions: readonly PartitionOffset[] }[]>;
  /** No member is in the group, or has ever been. */
  isEmpty(groupId: string): Promise<boolean>;
  deleteGroup(groupId: string): Promise<void>;
  close(): Promise<void>;
}

/** Sends records to one topic, all of them or it rejects. Calls must not overlap, and a producer that failed once is not used again. */
export interface LogProducer {
  send(records: readonly Outgoing[]): Promise<void>;
  close(): Promise<void>;
}

/** Records of one partition, as one fetch brought them. */
export interface LogBatch {
  readonly partition: number;
  /** The offset behind the last message of the partition. */
  readonly end: string;
  readonly records: readonly Incoming[];
  /** Up to here it is taken: the next fetch goes on behind it. */
  taken(offset: string): void;
  /** Tells the group that this member lives, where it is time to. Throws where the group is rebalancing. */
  heartbeat(): Promise<void>;
  /** False once it is to be forgotten: the consumer stops, or reads from elsewhere. */
  readonly wanted: () => boolean;
}

/** What a consumer tells. None of it may throw. */
export interface LogEvents {
  /** These partitions are ours now, and no others. */
  joined(partitions: readonly number[]): void;
  /**
   * The group gathers anew: no batch is told any more, nor wanted. `left` and `joined` follow: once this has resolved, where the client
   * can wait for it, and then the group takes commits for what was ours meanwhile; else at once. `left` and `crashed` end the wait.
   */
  gathering(): Promise<void>;
  /** None is ours any more. */
  left(): void;
  /** It has ended by itself. */
  crashed(error: Error): void;
  /** Resolves once all of it is taken, or nothing of it is wanted any more. */
  batch(batch: LogBatch): Promise<void>;
}

/** A member of a group on one topic. */
export interface LogConsumer {
  /** Resolves when it has joined, or has crashed. */
  start(): Promise<void>;
  /** At once, for the generation that it is in; fails where that is over. Offsets are of the next message to read. */
  commit(offsets: ReadonlyMap<number, bigint>): Promise<void>;
  seek(partition: number, offset: string): void;
  pause(partitions: readonly number[]): void;
  resume(partitions: readonly number[]): void;
  /** Leaves the group, unless it has a name there (`instanceId`). A `start` that has not joined yet rejects then. */
  close(): Promise<void>;
}
