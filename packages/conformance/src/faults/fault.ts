import type { TransportDefinition, TransportFactory } from '@omnibus/core';
import type { Counts } from './counts.js';
import type { ConsumerProcess, ConsumerScript } from './process.js';

/** A broker, and links to it that may be cut. Several faults may use one at the same time. */
export interface Broker {
  /** A definition that reaches it directly. */
  definition(): TransportDefinition;
  /** A link of its own, for one service. `patient`: with the timeouts that the transport has by itself, not with those of a test. */
  link(how?: { readonly patient: boolean }): Promise<BrokenLink>;
  /** Messages at an address that no consumer holds, or undefined where there is no such object. */
  count(address: string): Promise<number | undefined>;
  /** The ids of the messages at an address, which stay there; none where there is no such object. */
  ids(address: string): Promise<readonly string[]>;
  /** Deletes the object at an address with what is in it; whoever consumes it is cancelled. */
  remove(address: string): Promise<void>;
  /** Makes a queue that takes about this many messages and refuses the rest. */
  readonly makeSmallQueue?: (address: string, maxMessages: number) => Promise<void>;
  /** Topics in partitions, of which there may come to be more. */
  readonly partitioning?: Partitioning;
  /** A login of its own, that may be taken away and given back. */
  readonly login?: () => Promise<Login>;
}

/** Topics in partitions. */
export interface Partitioning {
  /** Reaches the broker directly, and hears of partitions that were added within so many ms. */
  definition(withinMs: number): TransportDefinition;
  /** The topic has so many partitions from now on. */
  grow(address: string, partitions: number): Promise<void>;
  /** Where every message of the topic stands, by its id: once where it was stored once. */
  places(address: string): Promise<readonly Place[]>;
}

/** Where a message stands. */
export interface Place {
  readonly id: string;
  readonly partition: number;
  readonly offset: number;
}

/** A login, and the way to the broker of the services that use it. */
export interface Login extends AsyncDisposable {
  definition(): TransportDefinition;
  /** What no error may tell. */
  readonly secrets: readonly string[];
  /** What the services were given is valid no more; who asks again is given what is. Absent: what they have is all they ever get. */
  expire?(): Promise<void>;
  /** Whatever the services are given, the broker refuses it, until `renew`. */
  refuse(): Promise<void>;
  renew(): Promise<void>;
}

/** A broker that nobody else uses, so that it may be broken as a whole. */
export interface OwnBroker extends Broker, AsyncDisposable {
  /** Stops gracefully and starts again. Its data stays. */
  restart(): Promise<void>;
  /** Kills at once; `restart` brings it back. */
  kill(): Promise<void>;
  /** Freezes it until the returned function is called: its sockets stay open and nobody answers. */
  freeze(): Promise<() => Promise<void>>;
  /** Takes nothing from publishers any more, until the returned function is called. */
  blockPublishers(): Promise<() => Promise<void>>;
  /** Makes what was declared survive a kill. */
  settle(): Promise<void>;
}

/** One service's way to the broker. */
export interface BrokenLink extends AsyncDisposable {
  definition(): TransportDefinition;
  /** Resets every connection at both ends; gives how many. */
  cut(): number;
  /**
   * Cuts behind the next message that passes this way, so that its answer is lost: the confirm of a send, or the ack of a delivery.
   * Resolves when it was cut.
   */
  cutAfterNext(direction: 'up' | 'down'): Promise<void>;
  /** Freezes every open connection for good, without an end; new ones are healthy. */
  halfOpen(): void;
  /** From now on it is slow, also for what is on its way, until the returned function is called. */
  readonly slow?: (how: Slowness) => () => void;
  /** From now on every call that this way takes is refused as one too many, until the returned function is called. */
  readonly throttle?: () => () => Refused;
  /** From now on every n-th entry of the calls that send is refused, and the others are taken, until the returned function is called. */
  readonly failEntries?: (every: number) => () => Refused;
}

/** What a slow link does to each of its connections, both ways. */
export interface Slowness {
  /** Before every byte, in ms. */
  readonly latencyMs: number;
  readonly bytesPerSec: number;
  /** This part of what TCP brings at once waits for so many ms more, and all behind it too. */
  readonly stalls: { readonly chance: number; readonly minMs: number; readonly maxMs: number };
}

/** What was refused, by what it wanted. */
export interface Refused {
  /** Calls, or entries of calls. */
  readonly sends: number;
  readonly others: number;
}

/** What the faults of a transport are run on. */
export interface FaultHarness {
  /** The section of the page: the transport's package without its scope, and what is special. */
  readonly name: string;
  /** What answers: `RabbitMQ 3.10.8, native process`. */
  readonly runOn: string;
  /** Where that is no broker but an emulator of one: what its word is worth, for the page. */
  readonly emulator?: string;
  readonly factory: TransportFactory;
  /** Of the channel of every run. Default `queue`. */
  readonly kind?: 'queue' | 'topic';
  /** Whether the channel of every run is ordered. Default: as each fault says. */
  readonly ordered?: boolean;
  /** Ms after which a consumer that says nothing has lost what it holds: others get it. */
  readonly silenceMs: number;
  /** Each call stands for itself (HTTP), or the client mends its connections: what ends with one is a call, and no lock ends with it. Default false. */
  readonly linkless?: boolean;
  /** Faults that this broker cannot suffer, by id, and why. */
  readonly cannot?: Readonly<Record<string, string>>;
  /** The one that the faults share which break links and queues of their own only. Whoever made the harness ends it. */
  broker(): Promise<Broker>;
  /** A new one, for a fault that breaks it, or why there is none. */
  ownBroker(): Promise<OwnBroker | { readonly notRun: string }>;
  /** Starts a consumer in a process of its own, which may be killed. */
  process(script: ConsumerScript): Promise<ConsumerProcess>;
}

/** What a fault has to work with. */
export interface Field<B extends Broker = Broker> {
  readonly harness: FaultHarness;
  readonly broker: B;
  /** Messages of a run. */
  readonly volume: number;
  /** With the long freezes. */
  readonly full: boolean;
  /** Longest that one wait may take, in ms. */
  readonly deadlineMs: number;
}

interface AnyFault {
  /** `F5`. */
  readonly id: string;
  /** A sentence that is true when it passes. */
  readonly title: string;
  /** What breaks, in one line. */
  readonly does: string;
  /** Its run is on an ordered channel, unless the harness says otherwise, so its order per key counts. */
  readonly ordered?: true;
}

/** A fault of a link, a queue or a service. */
export interface SharingFault extends AnyFault {
  readonly breaks: 'its own';
  run(field: Field): Promise<Outcome>;
}

/** A fault of a whole broker. */
export interface BrokerFault extends AnyFault {
  readonly breaks: 'the broker';
  run(field: Field<OwnBroker>): Promise<Outcome>;
}

/** One fault, as something that happens to a run of steady publishing and consuming. */
export type Fault = SharingFault | BrokerFault;

/** The counters of one run, and what else is worth knowing. */
export interface Outcome {
  readonly counts: Counts;
  /** Messages left on the queue when all its consumers had stopped. Valid only if 0. */
  readonly left: number;
  /** Most milliseconds in which nothing was handled. */
  readonly recoveryMs: number;
  /** Links that were opened anew, by whose they were. */
  readonly reconnects: { readonly publisher: number; readonly consumer: number };
  readonly notes: readonly string[];
}

/** What a fault needs of a harness. @throws Error where it is not there */
export function needed<T>(control: T | undefined, what: string): T {
  if (control === undefined) throw new Error(`the harness has no ${what}: add it, or say in 'cannot' why this broker has none`);
  return control;
}
