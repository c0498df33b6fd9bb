import { type Environment, type Transport, textOf } from '@omnibus/core/transport';
import { rabbitMqCapabilities } from './capabilities.js';
import { shut } from './client.js';
import { within } from './deadline.js';
import { declare, hasExchange } from './declare.js';
import { rabbitMqError } from './errors.js';
import { hostRounds, hostsOf } from './hosts.js';
import { DUE } from './ladder.js';
import { type Link, openLink } from './link.js';
import type { ResolvedOptions } from './options.js';
import { openReceiver } from './receiver.js';
import { openSender } from './sender.js';
import { checkServer } from './server.js';
import { declarations } from './topology.js';

/** `connect` ends within 10 s: both connections, all hosts. */
const CONNECT_MS = 9_000;

const HEALTH_MS = 2_000;

/** Why one of the connections lets no messages flow. */
interface Trouble {
  readonly why: string;
  /** Opening it again would not help. */
  readonly linkStands: boolean;
}

/**
 * The transport of one application to one RabbitMQ. It keeps two connections, since RabbitMQ blocks a whole connection that
 * publishes while memory or disk are short: one for senders; one for receivers and provisioning, which go on meanwhile. Throws
 * CONFIG for options that cannot be meant.
 */
export function rabbitMqTransport(options: ResolvedOptions, { service, instance, clock }: Environment): Transport {
  const rounds = hostRounds(hostsOf(options), clock, options.connectTimeoutMs);
  const closing = new AbortController();
  const ends = new Set<{ close(): Promise<void> }>();
  let publishing: Link | undefined;
  let consuming: Link | undefined;
  let connecting: Promise<void> | undefined;
  let closed: Promise<void> | undefined;
  /** Known to stand on the broker. */
  let hasLadder = false;

  const open = (use: 'publish' | 'consume', untilMs: number): Promise<Link> =>
    rounds(untilMs, async (host, timeoutMs) => {
      const name = `${service}.${instance} ${use}`;
      const link = await openLink({ host, name, options, clock, timeoutMs, closing: closing.signal });
      try {
        checkServer(link, options);
      } catch (error) {
        await link.close();
        throw error;
      }
      return link;
    });
  /** Opens what is not open: a link that stands, and all that was opened on it, is left alone. */
  const openBoth = async (): Promise<void> => {
    const untilMs = clock.monotonic() + CONNECT_MS;
    hasLadder = false;
    if (publishing === undefined || publishing.lost !== undefined) publishing = await open('publish', untilMs);
    if (consuming === undefined || consuming.lost !== undefined) consuming = await open('consume', untilMs);
  };
  const linked = (link: Link | undefined): Link => {
    if (closing.signal.aborted) throw rabbitMqError('CLOSED', 'the transport is closed');
    if (link === undefined) throw rabbitMqError('CONNECTION', 'not connected yet');
    if (link.lost !== undefined) throw link.lost;
    return link;
  };
  /** Remembers an end until it is closed. */
  const keep = <E extends { close(): Promise<void> }>(end: E): E => {
    ends.add(end);
    const close = (): Promise<void> => {
      ends.delete(end);
      return end.close();
    };
    return { ...end, close };
  };
  const trouble = async (use: string, link: Link | undefined): Promise<Trouble | undefined> => {
    try {
      const { blocked, where } = linked(link);
      if (blocked !== undefined) {
        const since = new Date(blocked.since).toISOString();
        return { why: `rabbitmq: ${where} takes no messages since ${since}: ${blocked.why}`, linkStands: true };
      }
      const channel = await within(
        clock,
        HEALTH_MS,
        `${use} on ${where}`,
        linked(link).openChannel('plain', () => undefined),
      );
      void shut(channel);
      return undefined;
    } catch (error) {
      return { why: textOf(error), linkStands: false };
    }
  };
  const closeAll = async (): Promise<void> => {
    closing.abort();
    await connecting?.catch(() => undefined);
    await Promise.all([...ends].map((end) => end.close()));
    await Promise.all([publishing?.close(), consuming?.close()]);
  };

  return {
    system: 'rabbitmq',
    kinds: ['queue', 'topic'],
    capabilities: rabbitMqCapabilities(options),
    async connect() {
      if (closing.signal.aborted) throw rabbitMqError('CLOSED', 'the transport is closed');
      connecting ??= openBoth().finally(() => {
        connecting = undefined;
      });
      return connecting;
    },
    async provision(topology, mode) {
      const drifts = await declare(linked(consuming), clock, declarations(topology, options), mode);
      hasLadder ||= options.delay && mode === 'create';
      return drifts;
    },
    async sender(channel) {
      const link = linked(publishing);
      if (options.delay && !hasLadder) hasLadder = await hasExchange(linked(consuming), clock, DUE);
      return keep(await openSender({ link, channel, options, clock, hasLadder }));
    },
    async receiver(subscription) {
      return keep(await openReceiver({ link: linked(consuming), subscription, options, clock }));
    },
    async health() {
      const found = await Promise.all([trouble('publishing', publishing), trouble('consuming', consuming)]);
      const troubles = found.filter((one) => one !== undefined);
      const [first] = troubles;
      if (first === undefined) return { ok: true, why: undefined };
      return { ok: false, why: first.why, linkStands: troubles.every(({ linkStands }) => linkStands) };
    },
    close() {
      closed ??= closeAll();
      return closed;
    },
  };
}
