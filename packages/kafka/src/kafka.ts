import { type Environment, type Receiver, type Subscription, type Transport, textOf } from '@omnibus/core/transport';
import { kafkaCapabilities } from './capabilities.js';
import { checkOptions } from './check-options.js';
import type { LogAdmin, LogClient } from './client.js';
import { brokersOf } from './clients/brokers.js';
import { clientOf } from './clients/open.js';
import { ANSWER_MS, CLOSE_MS, within } from './deadline.js';
import { callError, kafkaError } from './errors.js';
import { keepingAway, nameFor } from './names.js';
import type { ResolvedOptions } from './options.js';
import { kafkaPermissions } from './permissions.js';
import { openReceiver, type ReceiverPlace } from './receiver.js';
import { openSender } from './sender.js';
import { standingOf } from './starts.js';
import { declare, groupOf, topicsOf } from './topology.js';

/** `connect` ends within 10 s. */
const CONNECT_MS = 9_000;

const HEALTH_MS = 3_000;

/**
 * The transport of one application to one Kafka cluster. Each sender is a producer, each receiver a member of its group, each with
 * connections of its own; a further client administers. Throws CONFIG for options that cannot be meant.
 */
export function kafkaTransport(options: ResolvedOptions, { service, instance, clock }: Environment): Transport {
  checkOptions(options);
  const where = `the cluster at ${brokersOf(options.url).join(', ')}`;
  const clientId = `${service}.${instance}`;
  const ends = new Set<{ close(): Promise<void> }>();
  /** Members that still join. */
  const joining = new Set<{ close(): Promise<void> }>();
  /** Groups in which another process has taken the name of a member of ours. */
  const taken = new Set<string>();
  let admin: LogAdmin | undefined;
  let isClosed = false;
  let connecting: Promise<void> | undefined;
  let closed: Promise<void> | undefined;

  const check = (): void => {
    if (isClosed) throw kafkaError('CLOSED', 'the transport is closed');
  };
  const linked = (): LogAdmin => {
    check();
    if (admin === undefined) throw kafkaError('CONNECTION', 'not connected yet');
    return admin;
  };
  const disconnect = async (old: LogAdmin | undefined): Promise<void> => {
    if (old !== undefined) await within(clock, CLOSE_MS, 'disconnecting', old.close()).catch(() => undefined);
  };
  const open = async (): Promise<void> => {
    const client = await clientOf(options);
    await client.check(options);
    const old = admin;
    admin = undefined;
    void disconnect(old);
    const opening = client.openAdmin(options, clientId);
    try {
      admin = await within(clock, CONNECT_MS, where, opening);
    } catch (error) {
      void opening.then(disconnect, () => undefined);
      const failure = callError(where, error);
      throw failure.code === 'TIMEOUT' ? kafkaError('CONNECTION', failure.message, { cause: error }) : failure;
    }
    if (isClosed) {
      await disconnect(admin);
      check();
    }
  };
  /** Remembers an end until it is closed. */
  const keep = <E extends { close(): Promise<void> }>(end: E): E => {
    ends.add(end);
    const close = (): Promise<void> => {
      ends.delete(end);
      return end.close();
    };
    return Object.assign(Object.create(end) as E, { close });
  };
  const ask = async <T>(what: string, work: (admin: LogAdmin) => Promise<T>): Promise<T> => {
    try {
      return await within(clock, ANSWER_MS, what, work(linked()));
    } catch (error) {
      throw callError(what, error);
    }
  };
  /** A receiver; where the transport closes before it is open, it opens no more. */
  const receive = async (place: Pick<ReceiverPlace, 'subscription' | 'options' | 'clientId'>): Promise<Receiver> => {
    const by = keepingAway(await clientOf(options), taken);
    let member: Awaited<ReturnType<LogClient['openConsumer']>> | undefined;
    const openConsumer: LogClient['openConsumer'] = async (...of) => {
      check();
      member = await by.openConsumer(...of);
      joining.add(member);
      return member;
    };
    try {
      return await openReceiver({ ...place, client: { ...by, openConsumer }, admin: linked(), clock });
    } finally {
      if (member !== undefined) joining.delete(member);
    }
  };
  /** A group that has no position yet gets one, by a member that leaves at once: it is there from now on. */
  const found = async (subscription: Subscription): Promise<void> => {
    const { channel, group, temporary } = subscription;
    if (group === undefined || temporary) return;
    const groupId = groupOf(subscription);
    const { missing } = await ask(`looking at group '${groupId}'`, (to) => standingOf(to, channel.address, groupId));
    if (missing.length === 0) return;
    if (!(await ask(`looking at group '${groupId}'`, (to) => to.isEmpty(groupId)))) return; // its members see to it
    const founder = await receive({
      subscription,
      options: { ...options, fetchWaitMs: 10, instanceId: undefined },
      clientId: `${clientId}.founder`,
    });
    await founder.close();
  };

  return {
    system: 'kafka',
    kinds: ['queue', 'topic', 'stream'],
    capabilities: kafkaCapabilities(options),
    permissions: (topology, sending, redrives) => kafkaPermissions(topology, sending, redrives, options, instance),
    async connect() {
      check();
      connecting ??= open().finally(() => {
        connecting = undefined;
      });
      return connecting;
    },
    async provision(topology, mode) {
      const topics = topicsOf(topology, options);
      const drifts = await ask(`looking at the topics ${[...topics.keys()].join(', ')}`, (to) =>
        declare(to, topics, mode, clock),
      );
      if (mode === 'create') await Promise.all(topology.subscriptions.map(found));
      return drifts;
    },
    async sender(channel) {
      check();
      return keep(await openSender({ client: await clientOf(options), channel, options, clientId, clock }));
    },
    async receiver(subscription) {
      return keep(await receive({ subscription, options: { ...options, instanceId: nameFor(subscription, options) }, clientId }));
    },
    async health() {
      try {
        await within(clock, HEALTH_MS, 'the cluster', linked().ping());
        return { ok: true, why: undefined };
      } catch (error) {
        return { ok: false, why: textOf(callError('the cluster', error)) };
      }
    },
    close() {
      closed ??= closeAll();
      return closed;
    },
  };

  async function closeAll(): Promise<void> {
    isClosed = true;
    await connecting?.catch(() => undefined);
    const late = [...joining].map((member) => within(clock, CLOSE_MS, 'leaving a group', member.close()).catch(() => undefined));
    await Promise.all([...[...ends].map((end) => end.close()), ...late]);
    await disconnect(admin);
  }
}
