import { type App, type AppOptions, type Channel, type Config, type MessageType, queue, stream, topic } from '@omnibus/core';
import type { Capabilities, ChannelKind, Delivery, Transport, TransportDefinition } from '@omnibus/core/transport';
import type { Controls } from '../harness.js';
import type { Gate } from './gate.js';
import type { Handled, Journal } from './journal.js';
import type { Seen } from './seam.js';

/** What a service may be told besides the broker that it runs on. */
export interface ServiceOptions extends Omit<AppOptions, 'config' | 'transports' | 'clock'> {
  /** On top of what the suite says. */
  readonly config?: Partial<Omit<Config, 'transports' | 'default'>>;
  /** Another way to the same broker, as a control gives it, or the way to another broker. */
  readonly transport?: TransportDefinition;
  /** It does not renew the locks of what it holds, as a process does not that hangs. */
  readonly hangs?: true;
}

/** What a scenario has: channels that nobody else uses, services on one broker, and ways to wait for what they do. */
export interface World {
  /** Longest that the scenario may take, in ms. */
  readonly deadlineMs: number;
  /** Messages of each publisher where a check asks for many. */
  readonly volume: number;

  /** As in `@omnibus/core`, with a name that no other scenario or run has. */
  readonly queue: typeof queue;
  readonly topic: typeof topic;
  readonly stream: typeof stream;
  /** The queue that a consumer's dead letters go to by default, as a channel that can be consumed. */
  deadLetters<M extends MessageType>(
    of: Channel<ChannelKind, string, M>,
    group?: string,
  ): Channel<'queue', string, M, Record<never, never>>;
  /** Whether the transport carries channels of this kind. */
  carries(kind: ChannelKind): boolean;
  /** The first attempt after a message was given back so often, unhandled: 1, or one more each time where the broker counts that. */
  firstAttemptAfter(givenBack: number): number;
  /** Whether a link that is lost is opened again by the core. */
  readonly hasLink: boolean;
  /** What the transport can do on this channel. */
  capabilities(channel: Channel): Capabilities;

  /** A service on the broker: one running instance, as if it were a process of its own. Not started yet. */
  service(options?: ServiceOptions): Promise<App>;
  /** Starts services one after another. Ends the scenario where the plan refuses what it is about, as the refusal then is the proof. */
  start(...services: readonly App[]): Promise<void>;
  /** Stops services, handlers included: past the deadline their messages are given back. Default: the scenario's deadline. */
  stop(service: App, deadlineMs?: number): Promise<void>;

  /** Runs of a handler; give its `handler` to a consumer. */
  handled<M extends MessageType>(message: M): Handled<Parameters<HandlerOf<M>>[0]>;
  /** An empty journal; `what` names it in errors. */
  journal<T>(what: string): Journal<T>;
  /** A gate that opens by itself when the scenario is over. */
  gate(): Gate;
  /** Deliveries of a channel as the adapter gives them; ask before the service starts. */
  deliveries(channel: Channel): Journal<Seen>;
  /** Deliveries of a channel whose lock is renewed, each time; ask before the service starts. */
  renewals(channel: Channel): Journal<Delivery>;
  /** How to reach the tested broker, and another one. Ends the scenario as `not proven` where the harness has no other. */
  readonly ways: { readonly own: TransportDefinition; readonly other: TransportDefinition };
  /** A transport without a service around it, not connected; whoever connects it closes it. */
  transport(definition: TransportDefinition): Promise<Transport>;
  /** What must never be read anywhere: passwords of the harness. */
  readonly secrets: readonly string[];
  /** Calls of `receive` that reached the adapter so far, for a channel. */
  polls(channel: Channel): number;
  /** Links, senders and receivers that are open now, by name: `receiver of <address>`. */
  readonly open: readonly string[];
  /** Resolves when the condition holds. @throws Error at the deadline, saying what did not become true. */
  until(what: string, condition: () => boolean | Promise<boolean>, seen?: () => unknown): Promise<void>;

  /** What the harness can do to the broker. Ends the scenario as `not proven` where it cannot. */
  control<N extends keyof Controls>(name: N): NonNullable<Controls[N]>;
  /** Whether the harness has it, for what is only a part of a check. */
  may(name: keyof Controls): boolean;
  /** A sentence for the ledger, the same in every run. */
  note(sentence: string): void;
}

type HandlerOf<M extends MessageType> = import('@omnibus/core').Handler<M>;
