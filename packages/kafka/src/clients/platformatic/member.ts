import type { Connection } from '@platformatic/kafka';
import { REBALANCE_MS } from '../../deadline.js';
import { nameOf } from '../../errors.js';
import type { ResolvedOptions } from '../../options.js';
import { connectionOf, cut, guard } from './connection.js';
import { heartbeats } from './heartbeats.js';
import { LEAVE_MS, takeOut } from './leave.js';
import { library } from './library.js';

/** As kafkajs names it, so that members of both clients may be in one group while a service moves from one to the other. */
const PROTOCOL = { name: 'RoundRobinAssigner', version: 1 } as const;

/** What a member says besides its topics, and nobody reads. */
const NOTHING = Buffer.from('omnibus');

/** What a member tells. None of it may throw. */
export interface MemberEvents {
  /** The group gathers anew; until this resolves the member does not join, and commits are taken. */
  gathering(): Promise<void>;
  left(): void;
  joined(partitions: readonly number[]): void;
  crashed(error: Error): void;
}

/** A member of a group, by the classic protocol, all partitions taken from all members at each rebalance. */
export interface Member {
  /** Resolves when it has joined. */
  start(): Promise<void>;
  /** Leaves at once, stamped with the generation that the member is in now, whatever comes meanwhile. */
  commit(offsets: ReadonlyMap<number, bigint>): Promise<void>;
  /** The group's offsets of the next message to read; of these partitions, those that have one. */
  committed(partitions: readonly number[]): Promise<ReadonlyMap<number, bigint>>;
  /** The topic has more partitions than were shared out: gathers the group anew, where that is for this member to do. */
  grown(): void;
  close(): Promise<void>;
}

/**
 * The library's own `commit` asks for the generation when its connection is ready, and joins anew to commit again where that is
 * refused: what was of a past assignment would be written under the next. So commits are requests of our own on its connection.
 */
export async function openMember(
  options: ResolvedOptions,
  clientId: string,
  { topic, groupId }: { readonly topic: string; readonly groupId: string },
  events: MemberEvents,
): Promise<Member> {
  const { Consumer, heartbeatV4, offsetCommitV8 } = await library();
  const { instanceId: name = null } = options;
  const rebalanceTimeout = Math.max(REBALANCE_MS, options.sessionTimeoutMs);
  const consumer = guard(
    new Consumer({
      ...connectionOf(options, clientId),
      requestTimeout: rebalanceTimeout + options.requestTimeoutMs, // a join waits for the others
      groupId,
      ...(name !== null && { groupInstanceId: name }),
      sessionTimeout: options.sessionTimeoutMs,
      rebalanceTimeout,
      heartbeatInterval: options.heartbeatMs,
      heartbeatStallTimeout: options.sessionTimeoutMs,
      protocols: [PROTOCOL],
      // asked before each join, whatever the reason is: a member that the group has forgotten hears of no rebalance
      protocolsMetadata: async () => {
        if (gathering === undefined) leave();
        await gathering;
        await askWhoIsNamed();
        if (isClosed || hasCrashed) throw new Error('this member is closed'); // joined anew it would be a ghost
        return NOTHING;
      },
    }),
  );
  /** What commits are stamped with; undefined while no partition is ours. */
  let stamp: { readonly generationId: number; readonly memberId: string; readonly isLeader: boolean } | undefined;
  /** The last one, for whoever asks whether it was replaced. */
  let last: typeof stamp;
  let coordinator: Connection | undefined;
  let isClosed = false;
  let hasCrashed = false;
  let gathering: Promise<void> | undefined;

  const leave = (): void => {
    if (stamp === undefined) return;
    stamp = undefined;
    events.left();
  };
  /** Resolves when no partition is ours any more. */
  const gather = (): Promise<void> => {
    if (stamp === undefined) return Promise.resolve();
    gathering ??= settleFirst(stamp).finally(() => {
      gathering = undefined;
    });
    return gathering;
  };
  const settleFirst = async ({ generationId, memberId }: NonNullable<typeof stamp>): Promise<void> => {
    const beat = async () => heartbeatV4.api.async(linked(), groupId, generationId, memberId, name);
    const end = heartbeats(options, beat, { gone: leave, silent: () => crash(unanswered()) });
    await events.gathering();
    end();
    leave();
  };
  /**
   * The library drops an id that the group does not know and one whose name another process has taken alike, and joins by the name
   * again, which would take it back. So the group is asked what it was; where it gives no answer, joining fails as well.
   */
  const askWhoIsNamed = async (): Promise<void> => {
    if (name === null || last === undefined || consumer.memberId === last.memberId) return;
    const { generationId, memberId } = last;
    await heartbeatV4.api.async(linked(), groupId, generationId, memberId, name).catch((error: unknown) => {
      if (nameOf(error) === 'FENCED_INSTANCE_ID') crash(error as Error);
    });
  };
  const unanswered = (): Error => new Error(`no heartbeat was answered within ${options.sessionTimeoutMs} ms`);
  const crash = (error: Error): void => {
    if (isClosed || hasCrashed) return;
    hasCrashed = true;
    stamp = undefined;
    cut(consumer); // no commit is waited for any more
    events.crashed(error);
  };
  /** The connection that heartbeats and joins use: what is sent on it first is heard first. */
  const linked = (): Connection => {
    const broker = consumer.currentMetadata?.brokers.get(consumer.coordinatorId ?? -1);
    coordinator = (broker && consumer.connections.getEstablishedConnection(broker)) ?? coordinator;
    if (coordinator?.isConnected() !== true) throw new Error('the coordinator of the group cannot be reached');
    return coordinator;
  };

  consumer.on('consumer:group:rebalance', () => void gather());
  consumer.on('consumer:group:join', ({ memberId, generationId = -1, isLeader = false, assignments = [] }) => {
    if (isClosed) return;
    events.left();
    last = stamp = { memberId, generationId, isLeader };
    events.joined(assignments.find((each) => each.topic === topic)?.partitions ?? []);
  });
  // heartbeats have ended where joining anew failed; the session is over where none was answered for so long
  consumer.on('error', crash);
  consumer.on('consumer:heartbeat:stalled', ({ lastError }) => crash(lastError ?? unanswered()));

  return {
    async start() {
      consumer.topics.track(topic);
      await consumer.joinGroup().catch((error: unknown) => {
        if (!isClosed) throw error; // else whatever the group said to who was taken out of it
      });
      if (isClosed) throw new Error('this member is closed');
    },
    async commit(offsets) {
      if (stamp === undefined) throw new Error('this member is not in the group');
      const partitions = [...offsets].map(([partitionIndex, committedOffset]) => ({
        partitionIndex,
        committedOffset,
        committedLeaderEpoch: -1,
        committedMetadata: null,
      }));
      const { generationId, memberId } = stamp;
      const link = linked();
      const timer = setTimeout(() => link.socket?.destroy(), options.requestTimeoutMs); // the next one may be answered
      try {
        await offsetCommitV8.api.async(link, groupId, generationId, memberId, name, [{ name: topic, partitions }]);
      } finally {
        clearTimeout(timer);
      }
    },
    async committed(partitions) {
      const found = await consumer.listCommittedOffsets({ topics: [{ topic, partitions: [...partitions] }] });
      const known = (found.get(topic) ?? []).map((offset, partition): [number, bigint] => [partition, offset]);
      return new Map(known.filter(([partition, offset]) => partitions.includes(partition) && offset >= 0n));
    },
    grown() {
      if (stamp?.isLeader !== true) return; // whoever leads shares out
      gather()
        .then(() => (isClosed ? undefined : consumer.joinGroup()))
        .catch(crash);
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      const { memberId } = consumer;
      if (name !== null)
        cut(consumer); // where it cannot say that it leaves, its partitions wait for whoever comes back by its name
      else if (stamp === undefined && !hasCrashed && memberId)
        await takeOut(options, clientId, groupId, memberId).catch(() => undefined);
      const timer = setTimeout(() => cut(consumer), stamp === undefined ? 0 : LEAVE_MS);
      await consumer.close(true).finally(() => {
        clearTimeout(timer);
        cut(consumer);
      });
    },
  };
}
