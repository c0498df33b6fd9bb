import type { Feature } from '../transport/capabilities.js';
import type { MessagingError } from '../transport/errors.js';
import type { Transport } from '../transport/transport.js';
import { logWindow, type Publish, receiverChain } from './chain.js';
import { claiming } from './claiming-send.js';
import { ConsumerEnd } from './consumer-end.js';
import { consumerDemands, LONGEST_IN_PLACE_MS, waitsInPlace } from './demands.js';
import type { EngineOptions } from './engine-options.js';
import { foldHooks } from './hooks.js';
import type { LinkEnd } from './link.js';
import type { MoverEnd } from './mover-end.js';
import { rule } from './negotiate.js';
import { Outgoing } from './outgoing.js';
import type { Outlets } from './outlets.js';
import { Parking } from './parking.js';
import type { Replies } from './replies.js';
import { replyConsumer } from './reply-channel.js';
import { extremes } from './retry-policy.js';
import type { ChannelSpec, ConsumerSpec } from './specs.js';
import { type ConsumerStats, consumerStats } from './stats.js';
import { crashLimit, plainQueue, subscription } from './topology.js';

type Failed = (transport: string, end: LinkEnd, error: MessagingError) => void;

/** The ends of an engine, made from its specs. */
export interface Parts {
  readonly consumers: readonly { readonly spec: ConsumerSpec; readonly end: ConsumerEnd; readonly stats: ConsumerStats }[];
  readonly replies: readonly { readonly transport: string; readonly address: string; readonly end: ConsumerEnd }[];
  readonly movers: readonly { readonly transport: string; readonly end: MoverEnd }[];
  readonly outgoing: ReadonlyMap<string, Outgoing>;
}

/** Makes every end and notes what each transport has to have. Opens nothing. */
export function assemble(o: EngineOptions, outlets: Outlets, replies: Replies, failed: Failed): Parts {
  const outgoing = new Map<string, Outgoing>();
  const waits = new Set<string>();
  const parking = new Parking(o, outlets, failed);
  for (const { channel, requests } of o.producers) {
    const { wire, transport } = channel;
    const broker = o.transports.get(transport) as Transport;
    const hooks = foldHooks(o.interceptors, {
      direction: 'send',
      channel: wire.name,
      group: undefined,
      system: broker.system,
      address: wire.address,
    });
    place(o, channel);
    const { batcher } = outlets.get(transport, wire, hooks.send);
    const publish = claiming(o, transport, wire, (message, signal) => batcher.send(message, signal), wire.name);
    if (wire.maxDelayMs > 0) parking.add(transport, wire, wire.maxDelayMs);
    outgoing.set(
      wire.name,
      new Outgoing({ publish, service: o.service, clock: o.clock, current: o.current, create: hooks.create, sent: hooks.sent }),
    );
    if (requests) waits.add(transport);
  }
  const asked = [...waits].map((transport) => ({ transport, spec: replyConsumer(o, transport, replies) }));
  const consumers = o.consumers.map((spec) => ({ spec, ...consumer(o, spec, outlets, parking, failed) }));
  return {
    outgoing,
    consumers,
    movers: parking.ends,
    replies: asked.map(({ transport, spec }) => ({
      transport,
      address: spec.address,
      end: consumer(o, spec, outlets, parking, failed).end,
    })),
  };
}

function consumer(
  o: EngineOptions,
  spec: ConsumerSpec,
  outlets: Outlets,
  parking: Parking,
  failed: Failed,
): { readonly end: ConsumerEnd; readonly stats: ConsumerStats } {
  const { transport, wire } = spec.channel;
  const broker = o.transports.get(transport) as Transport;
  const plain = subscription(spec);
  const capabilities = broker.capabilities(plain);
  const { native, limits } = capabilities;
  const hooks = foldHooks(o.interceptors, {
    direction: 'receive',
    channel: wire.name,
    group: spec.group,
    system: broker.system,
    address: spec.address,
  });
  const emulated = emulatedBy(spec, capabilities, broker.system);
  const wanted = emulated('settleEach') ? Object.freeze({ ...plain, window: logWindow(plain.window) }) : plain;
  const inPlace = waitsInPlace(spec, capabilities);
  const copies = emulated('retryDelay') && !inPlace;
  const { attempts, maxMs } = extremes(spec.policy);
  // what the broker counts does not include what failed in place: a policy is carried out by one of them
  const waits = inPlace && maxMs <= LONGEST_IN_PLACE_MS;
  const stats = consumerStats();
  place(o, spec.channel);
  o.topologies.subscription(transport, wanted);

  const end: ConsumerEnd = new ConsumerEnd({
    name: spec.name,
    limits,
    window: spec.window,
    settle: hooks.settle,
    process: hooks.process,
    ended: hooks.ended,
    origin: { channel: wire.name, group: spec.group, log: o.log },
    current: o.current,
    clock: o.clock,
    policy: spec.policy,
    route: spec.route,
    handlers: spec.handlers,
    concurrency: spec.concurrency,
    ordered: wire.ordered,
    newId: o.newId,
    inPlaceMs: waits ? Number.POSITIVE_INFINITY : copies ? limits.delayStepMs - 1 : -1,
    delayStepMs: limits.delayStepMs,
    countedByBroker: !copies && !waits && native.retry !== undefined,
    crashLimit: crashLimit(attempts),
    stats,
    receiver: async () =>
      receiverChain(await broker.receiver(wanted), {
        spec,
        capabilities,
        emulated,
        clock: o.clock,
        stats,
        bury,
        again,
        claims: o.claims?.reads(transport) === true ? o.claims : undefined,
        onStuck: (what) => (error) => end.stuck(what, error),
      }),
    failed: (_, error) => failed(transport, end, error),
  });
  const bury = spec.deadLetter === undefined ? undefined : deadLetters(o, spec.deadLetter, outlets);
  const again = copies ? copiesOf(o, spec, outlets, parking) : undefined;
  return { end, stats };
}

/** The channel, and the groups of it that the configuration names. */
function place(o: EngineOptions, channel: ChannelSpec): void {
  o.topologies.channel(channel);
  for (const group of channel.groups) o.topologies.subscription(channel.transport, group);
  for (const dead of channel.deadLetters) if (o.transports.has(dead.transport)) o.topologies.deadLetter(dead);
}

/** Whether a demand of this consumer was ruled `emulate`. */
function emulatedBy(
  spec: ConsumerSpec,
  capabilities: Parameters<typeof consumerDemands>[1],
  system: string,
): (feature: Feature) => boolean {
  const found = new Set<Feature>();
  for (const demand of consumerDemands(spec, capabilities)) {
    if (rule(demand, capabilities, { endpoint: spec.name, channel: spec.channel, system }).ruling === 'emulate')
      found.add(demand.feature);
  }
  return (feature) => found.has(feature);
}

function deadLetters(o: EngineOptions, channel: NonNullable<ConsumerSpec['deadLetter']>, outlets: Outlets): Publish {
  o.topologies.deadLetter(channel);
  const { batcher } = outlets.get(channel.transport, channel.wire, undefined, 'own');
  return (message, signal) => batcher.send(message, signal);
}

/** Copies go back to where the group's own messages wait. */
function copiesOf(o: EngineOptions, spec: ConsumerSpec, outlets: Outlets, parking: Parking): Publish {
  const { transport } = spec.channel;
  const { maxMs } = extremes(spec.policy);
  const back = plainQueue(spec.address, { maxDelayMs: maxMs });
  o.topologies.retry(transport, back);
  parking.add(transport, back, maxMs);
  const { batcher } = outlets.get(transport, back, undefined, 'own');
  return (message, signal) => batcher.send(message, signal);
}
