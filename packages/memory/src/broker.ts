import type { Clock, SendOutcome } from '@omnibus/core/transport';
import type { BrokerObject, Inspection } from './broker-object.js';
import { memoryError } from './errors.js';
import { Faults } from './faults.js';
import { Link } from './link.js';

/** A broker in this process. It lives as long as somebody refers to it; transports come and go. */
export interface MemoryBroker {
  /**
   * Every link is lost, as if a cable was cut: leases abort, receive and send fail with CONNECTION, settle and extend with
   * LOST, what was unsettled is delivered again with its count one higher. The next `connect` works.
   */
  disconnect(): void;
  /** `connect` fails with CONNECTION while this is true. Links that stand are not touched. */
  refuse(refusing: boolean): void;
  /** Whoever wants to make an object that is not there gets DENIED while this is true. */
  denyCreation(denying: boolean): void;
  /**
   * The next `count` sends fail with CONNECTION and this outcome. `stored` says whether the broker keeps the messages all
   * the same; by default it does where the outcome is `unknown`: the confirm was lost on its way back.
   */
  failSends(count: number, outcome: SendOutcome, stored?: boolean): void;
  /** Sends to this address, or to all, wait. Health says so. */
  block(address?: string): void;
  /** Takes back `block` for this address, or for all. */
  unblock(address?: string): void;
  /** What the object at this address holds; undefined where there is none. */
  inspect(address: string): Inspection | undefined;
}

/** Makes a broker that several transports can share. `clock`: whose time it keeps; default: that of its first transport. */
export function memoryBroker(options: { readonly clock?: Clock } = {}): MemoryBroker {
  return new Broker(options.clock);
}

/** The broker as its transports see it. */
export class Broker implements MemoryBroker {
  /** By address. */
  readonly objects = new Map<string, BrokerObject>();
  readonly faults = new Faults();
  private readonly links = new Set<Link>();
  private readonly clockIsGiven: boolean;

  constructor(private time: Clock | undefined) {
    this.clockIsGiven = time !== undefined;
  }

  /** The clock of a transport that wants to share this broker; two clocks would make two opinions on every lock. */
  adopt(clock: Clock): void {
    this.time ??= clock;
    if (this.clockIsGiven || this.time === clock) return;
    throw memoryError(
      'CONFIG',
      'this broker keeps the time of another clock. Give all its transports one clock, or make it with memoryBroker({ clock }).',
    );
  }

  get clock(): Clock {
    return this.time!;
  }

  connect(): Link {
    if (this.faults.refusing) throw memoryError('CONNECTION', 'the broker refuses connections');
    const link = new Link((ended) => this.links.delete(ended));
    this.links.add(link);
    return link;
  }

  disconnect(): void {
    if (this.links.size === 0) return;
    const since = new Date(this.clock.now()).toISOString();
    const error = memoryError('CONNECTION', `the link is lost since ${since}: connect again and open new ends`);
    for (const link of [...this.links]) link.end(error, true);
  }

  refuse(refusing: boolean): void {
    this.faults.refusing = refusing;
  }

  denyCreation(denying: boolean): void {
    this.faults.denying = denying;
  }

  failSends(count: number, outcome: SendOutcome, stored = outcome === 'unknown'): void {
    this.faults.failSends(count, outcome, stored);
  }

  block(address?: string): void {
    this.faults.block(address);
  }

  unblock(address?: string): void {
    this.faults.unblock(address);
  }

  inspect(address: string): Inspection | undefined {
    return this.objects.get(address)?.inspect();
  }
}
