import type { TransportDefinition, TransportFactory } from '@omnibus/core';
import type { Counts } from './counts.js';

/** A broker that may be broken, and a link to it that may be cut. What a harness cannot do is absent. */
export interface BrokenBroker extends AsyncDisposable {
  /** A definition that reaches it directly. */
  definition(): TransportDefinition;
  /** A link of its own, for one service. */
  link(): Promise<BrokenLink>;
  /** Stops gracefully and starts again. Its data stays. */
  restart(): Promise<void>;
  /** Kills at once; `restart` brings it back. */
  kill(): Promise<void>;
  /** Freezes it for this long: its sockets stay open and nobody answers. */
  freeze(ms: number): Promise<void>;
  /** Messages at an address, or undefined where there is no such object. */
  count(address: string): Promise<number | undefined>;
  /** Deletes the object at an address with what is in it; whoever consumes it is cancelled. */
  remove(address: string): Promise<void>;
  /** Makes a queue that takes this many messages and refuses the rest. */
  makeSmallQueue(address: string, maxMessages: number): Promise<void>;
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
  /** Cuts after the next bytes passed this way, so that their answer is lost. */
  cutAfterNext(direction: 'up' | 'down'): Promise<void>;
  /** Freezes every open connection for good, without an end; new ones are healthy. */
  halfOpen(): void;
}

/** What the faults of a transport are run on. */
export interface FaultHarness {
  readonly name: string;
  readonly factory: TransportFactory;
  /** A broker of its own for each fault. */
  broker(): Promise<BrokenBroker>;
  /** Starts a consumer of a queue in a process of its own, which may be killed. */
  process(script: ConsumerScript): Promise<ConsumerProcess>;
}

/** What a consumer in a process of its own does with a message: it tells that it began, and perhaps never ends. */
export interface ConsumerScript {
  readonly definition: TransportDefinition;
  readonly queue: string;
  /** `stall`: a handler begins and does not end. `effect`: it tells its effect and does not end. `work`: it ends. */
  readonly does: 'stall' | 'effect' | 'work';
}

/** A consumer in a process of its own. */
export interface ConsumerProcess extends AsyncDisposable {
  /** Called for every message whose handler began (`stall`), had its effect (`effect`) or ended (`work`). */
  onTold(told: (id: string) => void): void;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** One fault, as something that happens to a run of steady publishing and consuming. */
export interface Fault {
  /** `F5`. */
  readonly id: string;
  /** A sentence that is true when it passes. */
  readonly title: string;
  /** Its run is on an ordered channel, so its order per key counts. */
  readonly ordered?: true;
  run(field: Field): Promise<Outcome>;
}

/** What a fault has to work with. */
export interface Field {
  readonly harness: FaultHarness;
  readonly broker: BrokenBroker;
  /** Messages of the run. */
  readonly volume: number;
  /** Long faults only in the full form. */
  readonly full: boolean;
  readonly deadlineMs: number;
}

/** The counters of one run, and what else is worth knowing. */
export interface Outcome {
  readonly counts: Counts;
  /** Most milliseconds in which nothing was handled. */
  readonly recoveryMs: number;
  readonly notes: readonly string[];
}
