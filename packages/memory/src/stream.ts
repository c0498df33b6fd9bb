import type { Clock, From, Message } from '@omnibus/core/transport';
import { type BrokerObject, type GroupInspection, type Inspection, total } from './broker-object.js';
import { memoryError } from './errors.js';
import { Group } from './group.js';
import type { Interest } from './interest.js';
import { Lanes } from './lanes.js';
import { PlainLine } from './line.js';
import { Cursor, Log } from './log.js';
import { Queue } from './queue.js';

/** What a stream is made with. */
export interface StreamShape {
  readonly partitions: number;
  /** Most messages that a partition keeps. */
  readonly maxMessages: number;
  /** False = it keeps messages, and groups their positions, only while somebody receives. */
  readonly durable: boolean;
}

interface Reading {
  readonly group: Group;
  readonly interest: Interest;
  /** One for each partition. */
  readonly cursors: readonly Cursor[];
}

/** Keeps messages in the order of their positions, and for each group how far it has read. */
export class Stream implements BrokerObject {
  readonly kind = 'stream';
  readonly properties: Readonly<Record<string, string>>;
  /** By the address of the subscription. */
  readonly readings = new Map<string, Reading>();
  private readonly logs: readonly Log[];
  private nextPosition = 0;
  private nextPartition = 0;
  private unrouted = 0;
  /** Every message from this position on is kept. */
  private keptFrom = 0;
  /** By partition: index up to which no group needs the log; it may lag behind the truth. */
  private readonly spare: number[];

  constructor(
    private readonly clock: Clock,
    private readonly shape: StreamShape,
  ) {
    this.logs = Array.from({ length: shape.partitions }, () => new Log());
    this.spare = this.logs.map(() => 0);
    this.properties = streamPropertiesOf(shape);
  }

  /** False = it keeps messages, and groups their positions, only while somebody receives. */
  get durable(): boolean {
    return this.shape.durable;
  }

  /** Makes a group that begins at `from`; throws INVALID for a position that is not kept. */
  open(address: string, from: From, ordered: boolean, interest: Interest): Reading {
    this.check(address, from);
    this.spare.fill(0);
    const cursors = this.logs.map((log) => new Cursor(log, log.indexOf(from), interest));
    const queues = (onReady: () => void): Queue[] =>
      cursors.map((cursor, partition) => {
        const line = ordered ? new Lanes(cursor) : new PlainLine([cursor]);
        return new Queue(this.clock, line, String(partition), onReady, () => undefined);
      });
    const move = (to: From, partitions: readonly number[]): void => {
      this.check(address, to);
      this.spare.fill(0); // it may need again what no group needed
      for (const partition of partitions) {
        group.queues[partition]!.forget();
        cursors[partition]!.index = this.logs[partition]!.indexOf(to);
      }
    };
    const group: Group = new Group(this.clock, queues, () => this.desert(address), move);
    const reading = { group, interest, cursors };
    this.readings.set(address, reading);
    return reading;
  }

  room(): number {
    if (!this.keeps()) return Number.POSITIVE_INFINITY;
    return Math.min(...this.logs.map((log, partition) => this.shape.maxMessages - (log.end - this.needed(partition))));
  }

  /** A full partition forgets its oldest message once every group has settled it; until then it is full. */
  accept(message: Message): boolean {
    if (!this.keeps()) {
      this.unrouted += 1;
      return true;
    }
    const partition = this.partitionOf(message);
    const log = this.logs[partition]!;
    if (log.end - log.first >= this.shape.maxMessages && !this.trim(partition)) return false;
    log.append({ message, position: this.nextPosition++, time: this.clock.now() });
    for (const { group } of this.readings.values()) group.wake();
    return true;
  }

  inspect(): Inspection {
    const groups = Object.fromEntries([...this.readings].map(([address, reading]) => [address, this.inspectGroup(reading)]));
    const records = this.logs.flatMap((log) => [...log]).sort((one, other) => one.position - other.position);
    const messages = records.map((record) => record.message);
    return { kind: this.kind, ...total(Object.values(groups)), unrouted: this.unrouted, due: [], messages, groups };
  }

  private inspectGroup({ group, cursors }: Reading): GroupInspection {
    const counts = group.queues.map((queue) => queue.counts());
    const committed = group.queues.map((queue, partition) => {
      const next = this.logs[partition]!.at(cursors[partition]!.index)?.position ?? this.nextPosition;
      return [String(partition), String(queue.entries()[0]?.order ?? next)] as const;
    });
    return { ...total(counts), committed: Object.fromEntries(committed) };
  }

  private keeps(): boolean {
    return this.durable || this.readings.size > 0;
  }

  private desert(address: string): void {
    if (this.durable) return;
    this.readings.delete(address);
    if (this.keeps()) return;
    for (const log of this.logs) log.clear();
    this.keptFrom = this.nextPosition;
  }

  private partitionOf(message: Message): number {
    const choice = message.key === undefined ? this.nextPartition++ : hash(message.key);
    return choice % this.logs.length;
  }

  private trim(partition: number): boolean {
    const log = this.logs[partition]!;
    if (log.first >= this.spare[partition]!) this.spare[partition] = this.needed(partition);
    if (log.first >= this.spare[partition]!) return false;
    this.keptFrom = Math.max(this.keptFrom, log.at(log.first)!.position + 1);
    log.trim();
    return true;
  }

  /** Index of the oldest record that some group has not settled. */
  private needed(partition: number): number {
    const log = this.logs[partition]!;
    let oldest = log.end;
    for (const { group, cursors } of this.readings.values()) {
      const unsettled = group.queues[partition]!.entries()[0];
      const index = unsettled === undefined ? cursors[partition]!.index : log.indexOf({ position: String(unsettled.order) });
      oldest = Math.min(oldest, index);
    }
    return oldest;
  }

  private check(address: string, from: From): void {
    if (typeof from === 'string') return;
    const wrong = (why: string): never => {
      throw memoryError('INVALID', `'${address}' cannot be read from there: ${why}`);
    };
    if (from instanceof Date) {
      if (Number.isNaN(from.getTime())) wrong('the date is not a valid one');
      return;
    }
    const { position } = from;
    if (!/^\d+$/.test(position)) wrong(`a position is a whole number as text, not '${position}'`);
    if (Number(position) < this.keptFrom) wrong(`position ${position} is no longer kept, the first is ${this.keptFrom}`);
    if (Number(position) > this.nextPosition) wrong(`position ${position} is not written yet, the next is ${this.nextPosition}`);
  }
}

/** The properties by which a stream of this shape is compared with what exists. */
export const streamPropertiesOf = (shape: StreamShape): Readonly<Record<string, string>> => ({
  kind: 'stream',
  partitions: String(shape.partitions),
});

/** FNV-1a over UTF-16 code units, 32 bits: the same partition for the same key on every run. */
function hash(key: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) value = Math.imul(value ^ key.charCodeAt(index), 0x01000193);
  return value >>> 0;
}
