import type { TransportDefinition, TransportFactory } from '@omnibus/core';
import type { Counts } from './counts.js';
import type { ConsumerProcess, ConsumerScript } from './process.js';

/** A broker, and links to it that may be cut. Several faults may use one at the same time. */
export interface Broker {
  /** A definition that reaches it directly. */
  definition(): TransportDefinition;
  /** A link of its own, for one service. */
  link(): Promise<BrokenLink>;
  /** Messages at an address that no consumer holds, or undefined where there is no such object. */
  count(address: string): Promise<number | undefined>;
  /** The ids of the messages at an address, which stay there; none where there is no such object. */
  ids(address: string): Promise<readonly string[]>;
  /** Deletes the object at an address with what is in it; whoever consumes it is cancelled. */
  remove(address: string): Promise<void>;
  /** Makes a queue that takes about this many messages and refuses the rest. */
  makeSmallQueue(address: string, maxMessages: number): Promise<void>;
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
  /** Resets every connection at both ends. */
  cut(): void;
  /** Cuts behind the next message that passes this way, so that its answer is lost. */
  cutAfterNext(direction: 'up' | 'down'): Promise<void>;
  /** Freezes every open connection for good, without an end; new ones are healthy. */
  halfOpen(): void;
}

/** What the faults of a transport are run on. */
export interface FaultHarness {
  /** The transport's package without its scope. */
  readonly name: string;
  readonly factory: TransportFactory;
  /**
   * The client mends its connections by itself, below the transport: a cut is no new link, and what was delivered stays with its consumer,
   * as on a log, where a lost commit is made up for by the next. Default false.
   */
  readonly mendsItself?: boolean;
  /** The one that the faults share which break links and queues of their own only. Whoever made the harness ends it. */
  broker(): Promise<Broker>;
  /** A new one, for a fault that breaks it, or why there is none. */
  ownBroker(): Promise<OwnBroker | { readonly notRun: string }>;
  /** Starts a consumer of a queue in a process of its own, which may be killed. */
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
  /** Its run is on an ordered channel, so its order per key counts. */
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
