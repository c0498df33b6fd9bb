import type { Channel, From } from '../transport/channel.js';
import { MessagingError, textOf } from '../transport/errors.js';
import type { Transport } from '../transport/transport.js';
import { Answers } from './answers.js';
import { assemble, type Parts } from './assemble.js';
import { claimPermissions } from './claim-notes.js';
import type { ConsumerEnd } from './consumer-end.js';
import type { EngineOptions } from './engine-options.js';
import { createLink, type Link, type LinkEnd } from './link.js';
import type { Draft, Outgoing } from './outgoing.js';
import { Outlets } from './outlets.js';
import type { PlannedPermission } from './plan.js';
import { provision } from './provision.js';
import { Redrives, type Redriving, redrivesOn } from './redrives.js';
import { Replies } from './replies.js';
import type { ConsumerSpec } from './specs.js';
import type { ConsumerStats } from './stats.js';
import { subscription } from './topology.js';
import { within } from './within.js';

/** Health of one endpoint: whether messages can flow there. */
export interface EndpointHealth {
  readonly channel: string;
  readonly group: string | undefined;
  readonly direction: 'send' | 'receive';
  readonly ok: boolean;
  readonly why: string | undefined;
  /**
   * Of what reads a log: messages that wait at the broker, by partition that this process reads, as of the last fetch. A figure to watch; it
   * never makes an endpoint not `ok`.
   */
  readonly lag?: Readonly<Record<string, number>>;
}

/** A transport that does not tell its health within this many ms has none. */
const HEALTH_MS = 5_000;
/** What hangs while the app stops is given up after so many ms: an open poll may take 20 s to end, what sends ends sooner. */
const GIVEN_UP_MS = { receiver: 30_000, sender: 15_000 };

/** Everything that runs: links, the ends on them, and their beginning and end. Knows no broker and no decorator. */
export class Engine {
  readonly #o: EngineOptions;
  readonly #links: ReadonlyMap<string, Link>;
  readonly #outlets: Outlets;
  readonly #consumers = new Map<
    string,
    { readonly spec: ConsumerSpec; readonly end: ConsumerEnd; readonly stats: ConsumerStats }
  >();
  readonly #replyEnds: Parts['replies'];
  readonly #movers: Parts['movers'];
  readonly #replyAddresses: ReadonlyMap<string, string>;
  readonly #answers: Answers;
  readonly #redrives: Redrives;
  readonly outgoing: ReadonlyMap<string, Outgoing>;
  readonly replies: Replies;

  constructor(options: EngineOptions) {
    this.#o = options;
    this.replies = new Replies(options.clock);
    this.#links = new Map([...options.transports].map(([name, transport]) => [name, this.#link(name, transport)]));
    const failed = (transport: string, end: LinkEnd, error: MessagingError): void =>
      this.#links.get(transport)?.failed(end, error);
    const { transports, topologies, clock, sendTimeoutMs } = options;
    const remakes = (transport: string, channel: Channel): boolean =>
      options.provision === 'create' && topologies.has(transport, channel);
    const sending = { transports, clock, sendTimeoutMs, remakes, onLinkError: failed };
    this.#outlets = new Outlets(sending, this.#links);
    this.#answers = new Answers(sending, options, this.#links);
    this.#redrives = new Redrives(options, this.#outlets);
    const parts = assemble(options, this.#outlets, this.replies, failed);
    this.outgoing = parts.outgoing;
    this.#replyEnds = parts.replies;
    this.#replyAddresses = new Map(parts.replies.map(({ transport, address }) => [transport, address]));
    for (const each of parts.consumers) this.#consumers.set(each.spec.name, each);
    this.#movers = parts.movers;
    for (const { transport, end } of [...parts.movers, ...parts.replies]) this.#links.get(transport)?.add(end);
    for (const { spec, end } of parts.consumers) this.#links.get(spec.channel.transport)?.add(end);
  }

  /** What the logins must be allowed for all that was assembled. */
  get permissions(): readonly PlannedPermission[] {
    const { transports, topologies, claims, consumers, producers } = this.#o;
    const ofStore = claims === undefined ? [] : claimPermissions(claims, consumers, producers);
    const ofTransports = [...transports].flatMap(([transport, broker]) => {
      const handlers = consumers.flatMap(({ channel, handlers: own }) => (channel.transport === transport ? own : []));
      const sending = { channels: this.#outlets.sends(transport), replies: handlers.some(({ failed }) => failed !== undefined) };
      const permissions = broker.permissions?.(topologies.get(transport), sending, redrivesOn(transport, this.#o)) ?? [];
      return permissions.map((permission) => ({ transport, ...permission }));
    });
    return [...ofTransports, ...ofStore];
  }

  /** Connects, provisions and opens every end; on failure everything is closed again. */
  async start(signal: AbortSignal): Promise<void> {
    try {
      await Promise.all([...this.#links.values()].map((link) => link.start(signal)));
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  /** Drains and closes. What handlers have not ended by the deadline is given back unsettled; what hangs after it is given up, and named. */
  async stop(deadlineMs: number): Promise<void> {
    const { clock, log, claims } = this.#o;
    const end = clock.monotonic() + deadlineMs;
    const late = new AbortController();
    const timer = clock.timer(deadlineMs, () => late.abort(), 'ref');
    const redriven = this.#redrives.stop();
    await Promise.all([...this.#consumers.values()].map(({ end: consumer }) => consumer.drain(late.signal)));
    timer.cancel();
    const running = [...this.#consumers.values()].reduce((sum, { end: consumer }) => sum + consumer.running, 0);
    if (running > 0)
      log.warn(
        { running, deadlineMs },
        'the stop deadline passed: handlers that still run are told to stop, and their messages are given back',
      );
    const movers = this.#movers.map((each) => this.#shut('receiver', each, () => this.#stopMover(each)));
    await Promise.all([this.#end('the end of what is redriven', GIVEN_UP_MS.receiver, () => redriven), ...movers]);
    await claims?.settled(Math.max(0, end - clock.monotonic()));
    const left = Math.max(0, end - clock.monotonic());
    const given = (await Promise.all([this.#outlets.drain(left), this.#answers.drain(left)])).reduce(
      (sum, count) => sum + count,
      0,
    );
    await claims?.settled(Math.max(0, end - clock.monotonic()));
    if (given > 0) log.error({ messages: given }, 'the stop deadline passed: sends were given up, and their callers told');
    await this.#close();
  }

  async pause(name: string): Promise<void> {
    await this.#consumer(name).end.pause();
  }
  resume(name: string): void {
    this.#consumer(name).end.resume();
  }
  setConcurrency(name: string, value: number): void {
    if (!Number.isInteger(value) || value < 1)
      throw new MessagingError(
        'INVALID',
        `setConcurrency of ${name}: ${value} is not a whole number, 1 or more; to take nothing, pause`,
      );
    this.#consumer(name).end.concurrency = value;
  }

  /** Moves the positions of a group that reads a log; gives the partitions. */
  async seek(name: string, from: From, deadlineMs: number): Promise<readonly string[]> {
    const { spec, end } = this.#consumer(name);
    const { transport, wire } = spec.channel;
    const broker = this.#o.transports.get(transport) as Transport;
    if (broker.capabilities(subscription(spec)).native.replay === undefined)
      throw new MessagingError(
        'CAPABILITY',
        `seek of ${name}: a ${wire.kind} on ${broker.system} (transport "${transport}") keeps no positions that could be moved; only a group that reads a log can`,
      );
    return end.seek(from, deadlineMs);
  }

  /** Moves dead letters back to where they came from; gives how many. */
  redrive(what: Redriving): Promise<number> {
    return this.#redrives.run(what);
  }

  /** Address that replies to this instance's requests on a channel go to. */
  replyAddressFor(channel: string): string | undefined {
    const spec = this.#o.producers.find(({ channel: { wire } }) => wire.name === channel);
    return spec === undefined ? undefined : this.#replyAddresses.get(spec.channel.transport);
  }

  /** Sends a reply to the address that a request named. */
  reply(transport: string, address: string, draft: Draft): Promise<void> {
    return this.#answers.send(transport, address, draft);
  }

  get stats(): Readonly<Record<string, ConsumerStats>> {
    return Object.fromEntries(
      [...this.#consumers].map(([name, { stats, end }]) => [name, { ...stats, running: end.running, ...end.lag }]),
    );
  }

  /** Times that any link was lost and opened again. */
  get reconnects(): number {
    return [...this.#links.values()].reduce((sum, link) => sum + link.reconnects, 0);
  }

  async health(): Promise<readonly EndpointHealth[]> {
    const found: EndpointHealth[] = [];
    const links = new Map<string, string | undefined>();
    for (const [name, link] of this.#links)
      links.set(name, link.health.ok ? await this.#flow(name, link) : (link.health.why ?? 'the link is down'));
    for (const { spec, end } of this.#consumers.values()) {
      const why = links.get(spec.channel.transport) ?? end.why;
      const { name: channel } = spec.channel.wire;
      found.push({ channel, group: spec.group, direction: 'receive', ok: why === undefined, why, ...end.lag });
    }
    for (const { channel } of this.#o.producers) {
      const why = links.get(channel.transport);
      found.push({ channel: channel.wire.name, group: undefined, direction: 'send', ok: why === undefined, why });
    }
    return found;
  }

  /** What it is moving arrives first, or stays parked. */
  async #stopMover({ transport, end }: Parts['movers'][number]): Promise<void> {
    await this.#links.get(transport)?.remove(end);
    await end.lost();
  }

  /** A link that died while nothing was sent on it is noticed here, and opened again. */
  async #flow(name: string, link: Link): Promise<string | undefined> {
    const transport = this.#o.transports.get(name) as Transport;
    const asked = within(this.#o.clock, HEALTH_MS, `the health of transport "${name}"`, () => transport.health());
    const { ok, why } = await asked.catch((error: unknown) => ({ ok: false, why: textOf(error) }));
    if (!ok) link.doubt();
    return ok ? undefined : (why ?? 'the broker lets no messages flow');
  }

  #consumer(name: string) {
    const found = this.#consumers.get(name);
    if (found === undefined)
      throw new TypeError(
        `there is no consumer "${name}"; there are ${[...this.#consumers.keys()].map((each) => `"${each}"`).join(', ') || 'none'}`,
      );
    return found;
  }

  #link(name: string, transport: Transport): Link {
    const { clock, log, topologies, provision: mode } = this.#o;
    return createLink({ name, transport, provision: () => provision(name, transport, topologies.get(name), mode), clock, log });
  }

  async #close(): Promise<void> {
    const consumers = [...this.#consumers.values()].map(({ spec, end }) => ({ transport: spec.channel.transport, end }));
    this.replies.close();
    await Promise.all([
      ...[...consumers, ...this.#replyEnds].map((each) => this.#shut('receiver', each, () => each.end.close())),
      ...this.#movers.map((each) => this.#shut('receiver', each, () => each.end.lost())),
    ]);
    await Promise.all([this.#outlets.drain(0), this.#answers.drain(0)]);
    const senders = [...this.#outlets.all, ...this.#answers.all];
    await Promise.all(senders.map((each) => this.#shut('sender', each, () => each.end.lost())));
    await Promise.all([...this.#links.values()].map((link) => link.close()));
    await this.#end('closing the store of the claim check', GIVEN_UP_MS.sender, () => this.#o.claims?.close());
  }

  #shut(
    what: 'receiver' | 'sender',
    { transport, end }: { readonly transport: string; readonly end: LinkEnd },
    step: () => Promise<void>,
  ): Promise<void> {
    return this.#end(`closing the ${what} of ${end.name} on transport "${transport}"`, GIVEN_UP_MS[what], step);
  }

  /** One step of the end. Where it fails or hangs, the next goes on without it. */
  async #end(what: string, ms: number, step: () => Promise<void> | undefined): Promise<void> {
    const { clock, log } = this.#o;
    await within<unknown>(clock, ms, what, step).catch((error: unknown) =>
      log.warn({ error: textOf(error) }, `${what} was given up; the stop goes on without it`),
    );
  }
}
