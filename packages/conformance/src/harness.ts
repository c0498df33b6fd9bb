import type { ChannelKind, TransportDefinition, TransportFactory } from '@omnibus/core/transport';

/** One transport on one running broker, as the suite needs it. Everything that is optional costs checks: they are `not proven`. */
export interface Harness {
  /** The transport's column in the ledger: `memory`, `rabbitmq`. */
  readonly name: string;
  /** What answers: `RabbitMQ 3.10.8, native process`. */
  readonly broker: string;
  /** Where that is an emulator of the broker: how it is known to differ from it. Its column of the ledger is marked. */
  readonly emulator?: string;
  /** The transport itself, for `createApp({ transports })`. */
  readonly factory: TransportFactory;
  /** How one service reaches the broker; called for every service, and all of them must meet on the same broker. */
  readonly definition: () => TransportDefinition;
  /** Another transport, on a broker of its own: where messages are bridged to. */
  readonly other?: { readonly factory: TransportFactory; readonly definition: () => TransportDefinition };
  /** What the suite may do to the broker besides using the transport. */
  readonly controls?: Controls;
  /** Longest that one scenario may take, in ms. Default 30,000. Nothing is ever expected to be faster than something else. */
  readonly deadlineMs?: number;
  /** What the broker counts deliveries by, where attempts are its count and one that is given back is counted as well: a sentence for the ledger. */
  readonly countsGivenBack?: string;
  /** It has no link that could be lost and opened again, or mends what it has by itself. */
  readonly linkless?: true;
  /** Messages of each of the 50 publishers of check 10. Default 10,000. */
  readonly volume?: number;
  /**
   * Checks that are known to fail, by number, and why. They are run, printed loudly and stand in the ledger as `fails`; one that
   * passes after all fails the suite, so that the list cannot grow old.
   */
  readonly knownFailures?: Readonly<Record<number, string>>;
}

/** In the place of a harness where there is no broker to run on. */
export interface NotRun {
  readonly name: string;
  /** Why not, and what to install. */
  readonly notRun: string;
}

/** A message as a program would send it that has never heard of Omnibus. */
export interface ForeignMessage {
  readonly body: Uint8Array;
  /** Undefined: the message does not say. */
  readonly contentType: string | undefined;
  /** Where the broker has headers; by their names on the wire (`ce-type`). */
  readonly headers: Readonly<Record<string, string>>;
}

/** An object of the broker. */
export interface BrokerObject {
  readonly kind: ChannelKind;
  readonly address: string;
}

/** What a harness can do to its broker. Addresses are the broker's own names, as in a channel's `address`. */
export interface Controls {
  /** Stores a message on a queue. Resolves when the broker has it. */
  publishForeign?(address: string, message: ForeignMessage): Promise<void>;
  /** Messages that a queue has: those that wait and those that are handed out and not settled. */
  count?(address: string): Promise<number>;
  /** Makes a queue that holds `messages` messages and refuses more; a service uses it with `provision: assume`. */
  makeSmallQueue?(address: string, messages: number): Promise<void>;
  /** From now on the broker confirms nothing that is sent to it, until `release`. May hit all services: for scenarios that run alone. */
  holdSends?(address: string): Promise<{ release(): Promise<void> }>;
  /** When those messages of a queue are due that were sent with a delay and wait for it: ms since 1970, the earliest first. */
  due?(address: string): Promise<readonly number[]>;
  /** Cuts every link of every service, and lets none back in until `restore`. For scenarios that run alone. */
  cutLinks?(): Promise<{ readonly restore: () => Promise<void> }>;
  /** From now on no service may make anything on the broker, until `restore`; to use what is there stays allowed. For scenarios that run alone. */
  denyCreation?(): Promise<{ restore(): Promise<void> }>;
  /** A way to the same broker by which a delivery that is neither settled nor renewed is handed out again after `lockMs`. */
  readonly shortLock?: { readonly lockMs: number; readonly definition: () => TransportDefinition };
  /** Deletes an object with all that is in it; none = done already. Called for what a scenario made, when it is over. */
  remove?(object: BrokerObject): Promise<void>;
  /** The broker's process: present where it is ours alone. Every call resolves when it is done; ports and data stay. */
  readonly process?: {
    stop(): Promise<void>;
    kill(): Promise<void>;
    /** Brings it up from whatever state it is in, and resolves when it answers. */
    restart(): Promise<void>;
    pause(): Promise<void>;
    resume(): Promise<void>;
  };
}
