import type {
  App,
  AppOptions,
  Channel,
  Config,
  InputOf,
  MessagesOf,
  MessageType,
  PayloadOf,
  ReplyOf,
  RequestsOf,
  SendOptions,
  Sent,
  TransportFactory,
} from '@omnibus/core';
import type { MemoryBroker } from '@omnibus/memory';

/** What `testApp` takes: what `createApp` takes, without a broker and without a clock. */
export interface TestAppOptions extends Omit<AppOptions, 'config' | 'transports' | 'clock'> {
  /**
   * A transport whose limits the in-memory broker takes on: its capabilities are asked, it is never connected. Its options are
   * those of the configuration's transports that use it, else its defaults. Default: the memory transport's own, which has none.
   */
  readonly like?: TransportFactory | undefined;
  /**
   * The application's own configuration, or parts of it. Its transports stay in this process: each name gets a broker in
   * memory. Objects are always provisioned. Default: one transport.
   */
  readonly config?: Partial<Config> | undefined;
  /** Called with the app before it starts, for what has no class: `(app) => app.consumer(...).handle(...)`, `app.attach(object)`. */
  readonly consumers?: ((app: Pick<App, 'consumer' | 'attach' | 'producer'>) => void) | undefined;
  /** Ms of real time after which `settled` and `handled` give up. Default 4,000: less than most runners give a test. */
  readonly timeoutMs?: number | undefined;
}

/** What `settled` may be told. */
export interface SettledOptions {
  /** Resolves even if handlers failed. Default false. */
  readonly allowErrors?: boolean | undefined;
}

/** A message that the app gave up. */
export interface DeadLetter {
  readonly id: string;
  readonly type: string;
  /** `attempts`, `non-retryable`, `invalid`, `unknown-type`, or what the handler gave to `reject()`. */
  readonly reason: string;
  /** How often it was handled, the last time included. */
  readonly attempts: number;
}

/** The time of a test. It stands still until it is moved. */
export interface TestClock {
  /** In ms since 1970. */
  now(): number;
  /**
   * Moves time on. Whatever falls due on the way (retries, delays, timeouts) happens at its own moment, and what it leads to
   * has happened before time goes on; for handlers that wait for something real, call `settled` in between.
   */
  advance(ms: number): Promise<void>;
}

/** A running app on a broker in memory, with what a test wants to do to it and to know of it. */
export interface TestApp extends Omit<App, 'start' | 'run' | 'consumer' | 'attach'> {
  /** Sends a message as another service would. Resolves when the broker has it; `settled` or `handled` tell what became of it. */
  send<C extends Channel, M extends MessagesOf<C>>(
    channel: C,
    message: M,
    payload: InputOf<M>,
    options?: SendOptions<C>,
  ): Promise<Sent>;
  /** Sends a request as another service would, and resolves to its reply. Virtual time passes for it only by `clock.advance`. */
  request<C extends Channel, M extends RequestsOf<C>>(
    channel: C,
    message: M,
    payload: InputOf<M>,
    options?: { readonly timeoutMs?: number | undefined },
  ): Promise<ReplyOf<M>>;
  /**
   * Resolves when no message is in flight or due now: what waits for a later time, or has no consumer, is left where it is.
   * @throws the first error that a handler threw since the last call, unless `allowErrors`; Error if the app does not come to rest.
   */
  settled(options?: SettledOptions): Promise<void>;
  /**
   * The payload of the first message of this type that was handled with success, now or from now on, and whose fields equal those of
   * `match`. @throws Error if there is none in time.
   */
  handled<M extends MessageType>(message: M, match?: Partial<PayloadOf<M>>): Promise<PayloadOf<M>>;
  /** What the app sent to a channel, oldest first, as its receivers read it. What the test sent itself is not among it. */
  sent<C extends Channel, M extends MessagesOf<C>>(channel: C, message: M): readonly PayloadOf<M>[];
  /** What the app gave up on a channel, oldest first; of all groups unless one is named. */
  dead(channel: Channel, group?: string): readonly DeadLetter[];
  readonly clock: TestClock;
  /** The broker behind the default transport, to make it fail: `t.broker.failSends(1, 'unknown')`. */
  readonly broker: MemoryBroker;
}
