import { settleEach } from '../emulate/settle-each.js';
import type { Channel, Subscription } from '../transport/channel.js';
import { MessagingError } from '../transport/errors.js';
import type { RedrivePaths, Transport } from '../transport/transport.js';
import { readable } from './chain.js';
import type { EngineOptions } from './engine-options.js';
import type { Outlets } from './outlets.js';
import { redrive } from './redrive.js';
import type { ChannelSpec } from './specs.js';
import { crashLimit, plainQueue } from './topology.js';

/** From which dead-letter channel to which group. */
export interface Redriving {
  /** `orders/shipping`, for errors. */
  readonly name: string;
  readonly from: ChannelSpec;
  readonly channel: ChannelSpec;
  readonly group: string | undefined;
  /** Where the group's messages wait. */
  readonly address: string;
  /** Messages a second. */
  readonly rate: number;
}

const WINDOW = 100;

/** The redrives that run; they end with the engine. */
export class Redrives {
  readonly #o: EngineOptions;
  readonly #outlets: Outlets;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: EngineOptions, outlets: Outlets) {
    this.#o = options;
    this.#outlets = outlets;
  }

  async run(what: Redriving): Promise<number> {
    const moving = this.#run(what);
    this.#running.add(moving);
    try {
      return await moving;
    } finally {
      this.#running.delete(moving);
    }
  }

  /** What is on its way arrives; the rest stays where it is. */
  async stop(): Promise<void> {
    this.#stopping.abort(new MessagingError('CLOSED', 'the app stops'));
    await Promise.allSettled(this.#running);
  }

  async #run({ name, from, channel, group, address, rate }: Redriving): Promise<number> {
    const { transports, clock } = this.#o;
    const source = transports.get(from.transport);
    const target = transports.get(channel.transport);
    if (source === undefined || target === undefined)
      throw new MessagingError('CLOSED', `redrive of ${name}: this app has neither consumer nor producer on that transport`);
    const wanted = dead(from);
    const capabilities = source.capabilities(wanted);
    if (sharesLog(target, channel, group)) throw refused(name);
    const { batcher } = this.#outlets.get(channel.transport, waitsIn(channel, group, address), undefined, 'own');
    const inner = readable(await source.receiver(wanted), capabilities);
    const receiver = capabilities.native.settleEach === undefined ? settleEach(inner, { window: WINDOW, clock }) : inner;
    return redrive({
      receiver,
      publish: (message, signal) => batcher.send(message, signal),
      clock,
      batch: Math.min(capabilities.limits.receiveBatch, capabilities.limits.settleBatch),
      rate,
      signal: this.#stopping.signal,
    });
  }
}

/** What `app.redrive` of these consumers reads and sends on a transport. What it refuses, or an instance has for itself, is left out. */
export function redrivesOn(
  transport: string,
  { consumers, transports }: Pick<EngineOptions, 'consumers' | 'transports'>,
): RedrivePaths {
  const able = consumers.filter(
    ({ channel, group, temporary }) => !temporary && !sharesLog(transports.get(channel.transport) as Transport, channel, group),
  );
  return {
    from: able.flatMap(({ deadLetter }) => (deadLetter?.transport === transport ? [deadLetter.wire] : [])),
    to: able
      .filter(({ channel, deadLetter }) => channel.transport === transport && deadLetter !== undefined)
      .map(({ channel, group, address }) => waitsIn(channel, group, address)),
  };
}

/** What a group's own messages are sent to. */
const waitsIn = ({ wire }: ChannelSpec, group: string | undefined, address: string): Channel =>
  group === undefined ? wire : plainQueue(address, { ordered: wire.ordered });

/** A group that reads a log has nowhere of its own: what is sent back would reach every group. */
const sharesLog = (target: Transport, { wire }: ChannelSpec, group: string | undefined): boolean =>
  group !== undefined && (wire.kind === 'stream' || target.capabilities(wire).native.replay !== undefined);

const refused = (name: string): MessagingError =>
  new MessagingError(
    'CAPABILITY',
    `redrive of ${name}: its messages wait in a log that all groups read, so a dead letter cannot be sent back to this group alone`,
  );

const dead = ({ wire }: ChannelSpec): Subscription =>
  Object.freeze({
    channel: wire,
    group: undefined,
    address: wire.address,
    types: [],
    filter: undefined,
    from: 'first',
    ordered: false,
    window: WINDOW,
    exclusive: false,
    temporary: false,
    deadLetter: undefined,
    crashLimit: crashLimit(1),
  });
