import type { Clock, Message } from '@omnibus/core/transport';
import type { BrokerObject, Inspection } from './broker-object.js';
import { Entry } from './entry.js';
import { Group } from './group.js';
import { Lanes } from './lanes.js';
import { levelOf, PlainLine } from './line.js';
import { Queue } from './queue.js';
import { Ring } from './ring.js';

/** What a queue, or the queue of a topic's group, is made with. */
export interface QueueShape {
  readonly ordered: boolean;
  /** Priority levels; 0 = none. */
  readonly priorities: number;
  readonly maxMessages: number;
  /** False = it keeps messages only while somebody receives. */
  readonly durable: boolean;
}

/** A queue channel, or what waits for one group of a topic. */
export class StoredQueue implements BrokerObject {
  readonly kind = 'queue';
  readonly properties: Readonly<Record<string, string>>;
  group: Group;
  private fresh: readonly Ring<Entry>[] = [];
  private unrouted = 0;
  private nextPlace = 0;

  constructor(
    private readonly clock: Clock,
    private readonly shape: QueueShape,
  ) {
    this.properties = propertiesOf(shape);
    this.group = this.empty();
  }

  /** Whether a message would be kept. */
  get keeps(): boolean {
    return this.shape.durable || this.group.attended;
  }

  room(): number {
    return this.keeps ? this.shape.maxMessages - this.group.queues[0]!.size : Number.POSITIVE_INFINITY;
  }

  accept(message: Message): boolean {
    if (!this.keeps) this.unrouted += 1;
    else if (this.room() <= 0) return false;
    else this.keep(message);
    return true;
  }

  inspect(): Inspection {
    const queue = this.group.queues[0]!;
    const counts = queue.counts();
    const messages = queue.entries().map((entry) => entry.message);
    return { kind: this.kind, ...counts, unrouted: this.unrouted, due: queue.due(), messages, groups: {} };
  }

  private keep(message: Message): void {
    const entry = new Entry(message, this.nextPlace++, 0);
    if (message.delayMs > 0) this.group.queues[0]!.wait(entry, message.delayMs);
    else this.push(entry);
  }

  private push(entry: Entry): void {
    this.fresh[levelOf(entry, this.fresh.length)]!.push(entry);
    this.group.wake();
  }

  /** A message that was sent with a delay takes its place in line when the delay is over. */
  private enter(entry: Entry): void {
    entry.order = this.nextPlace++;
    this.push(entry);
  }

  private empty(): Group {
    const { ordered, priorities, durable } = this.shape;
    this.fresh = Array.from({ length: Math.max(1, priorities) }, () => new Ring<Entry>());
    const line = ordered ? new Lanes(this.fresh[0]!) : new PlainLine(this.fresh);
    return new Group(
      this.clock,
      (onReady) => [new Queue(this.clock, line, undefined, onReady, (entry) => this.enter(entry))],
      () => {
        if (!durable) this.group = this.empty();
      },
    );
  }
}

/** The properties by which a queue of this shape is compared with what exists. */
export const propertiesOf = (shape: QueueShape): Readonly<Record<string, string>> => ({
  kind: 'queue',
  ordered: String(shape.ordered),
  priorities: String(shape.priorities),
});
