import { PARKING_STEPS_MS, parkingSender } from '../emulate/parking.js';
import { rejectToDeadLetter } from '../emulate/reject-to-dead-letter.js';
import { settleEach } from '../emulate/settle-each.js';
import type { Channel, Subscription } from '../transport/channel.js';
import type { MessagingError } from '../transport/errors.js';
import type { Receiver, Transport } from '../transport/transport.js';
import { readable } from './chain.js';
import type { EngineOptions } from './engine-options.js';
import type { LinkEnd } from './link.js';
import { MoverEnd } from './mover-end.js';
import type { Outlets } from './outlets.js';
import type { SenderEnd } from './sender-end.js';
import { crashLimit, plainQueue } from './topology.js';

/** Most deliveries that one mover holds: all of a step wait equally long, so those behind them leave later. */
const WINDOW = 256;
const NOTHING_STUCK = (): void => {};

/** Delays for targets whose broker has none, or none so long: parking channels beside each target, and what moves messages on. */
export class Parking {
  readonly #o: EngineOptions;
  readonly #outlets: Outlets;
  readonly #failed: (transport: string, end: LinkEnd, error: MessagingError) => void;
  readonly #targets = new Set<string>();
  readonly ends: { readonly transport: string; readonly end: MoverEnd }[] = [];

  constructor(
    options: EngineOptions,
    outlets: Outlets,
    failed: (transport: string, end: LinkEnd, error: MessagingError) => void,
  ) {
    this.#o = options;
    this.#outlets = outlets;
    this.#failed = failed;
  }

  /** Sends to this channel may be delayed by up to `maxMs`, however little its broker can. Idempotent. */
  add(transport: string, target: Channel, maxMs: number): void {
    const key = `${transport} ${target.kind} ${target.address}`;
    const broker = this.#o.transports.get(transport) as Transport;
    const delayOf = (channel: Channel): number => broker.capabilities(channel).native.delay ?? 0;
    const nativeMs = delayOf(target);
    if (nativeMs >= maxMs || this.#targets.has(key)) return;
    this.#targets.add(key);
    const parkMs = delayOf(plainQueue(`${target.address}.wait`));
    // a broker that delays each message by itself needs one parking channel, for the longest that it can; others none that is never used
    const [shortest, ...longer] = PARKING_STEPS_MS as readonly [number, ...number[]];
    const stepsMs = parkMs >= shortest ? [parkMs] : [shortest, ...longer.filter((stepMs) => stepMs <= maxMs)];
    const steps = new Map(
      stepsMs.map((stepMs) => [stepMs, plainQueue(`${target.address}.wait.${stepMs / 1_000}s`, { maxDelayMs: parkMs })]),
    );
    const { clock } = this.#o;
    const ends = new Map(
      [...steps].map(([stepMs, channel]) => [stepMs, this.#outlets.get(transport, channel, undefined, 'own')]),
    );
    const publish = (stepMs: number) => {
      const { batcher } = ends.get(stepMs) as SenderEnd;
      return batcher.send.bind(batcher);
    };
    this.#outlets.get(transport, target).wrap = (sender) =>
      parkingSender(sender, { target: target.address, nativeMs, parkMs, stepsMs, publish, clock });
    for (const channel of steps.values()) this.#move(transport, target, channel);
  }

  #move(transport: string, target: Channel, channel: Channel): void {
    const { clock, topologies, transports } = this.#o;
    const broker = transports.get(transport) as Transport;
    const dead = plainQueue(`${target.address}.dead`);
    const wanted: Subscription = Object.freeze({
      channel,
      group: undefined,
      address: channel.address,
      types: [],
      filter: undefined,
      from: 'first',
      ordered: false,
      window: WINDOW,
      exclusive: false,
      temporary: false,
      deadLetter: dead,
      crashLimit: crashLimit(1),
    });
    const capabilities = broker.capabilities(wanted);
    const { native, limits } = capabilities;
    topologies.retry(transport, channel);
    topologies.subscription(transport, wanted);
    topologies.deadLetter({ transport, wire: dead });
    const bury = this.#outlets.get(transport, dead, undefined, 'own').batcher;
    const { batcher } = this.#outlets.get(transport, target);
    const receiver = async (): Promise<Receiver> => {
      const inner = readable(await broker.receiver(wanted), capabilities);
      const each =
        native.settleEach === undefined ? settleEach(inner, { window: WINDOW, batch: limits.settleBatch, clock }) : inner;
      return rejectToDeadLetter(each, {
        publish: bury.send.bind(bury),
        deadLetter: dead,
        channel: channel.name,
        group: undefined,
        clock,
        onStuck: NOTHING_STUCK,
      });
    };
    const end = new MoverEnd({
      name: channel.address,
      limits,
      clock,
      receiver,
      forward: (_, message) => batcher.send(message),
      failed: (which, error) => this.#failed(transport, which, error),
    });
    this.ends.push({ transport, end });
  }
}
