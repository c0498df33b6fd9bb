/** Where a broker came from. */
export type Means = 'environment' | 'container' | 'native' | 'embedded';

/** Power over a broker's process. Ports and data stay the same through all of it; every call has a deadline and throws past it. */
export interface BrokerControl {
  /** Stops gracefully; past its deadline the process is killed and the call throws. Nothing happens if it is not running. */
  stop(): Promise<void>;
  /** Kills at once (SIGKILL), paused or not. Nothing happens if it is not running. */
  kill(): Promise<void>;
  /** Brings it up from whatever state it is in (running: stopped gracefully first) and resolves when it is ready again. */
  restart(): Promise<void>;
  /** Freezes it (SIGSTOP), and resolves once it is frozen: its sockets stay open and nobody answers. */
  pause(): Promise<void>;
  /** Lets a paused one go on (SIGCONT). */
  resume(): Promise<void>;
}

/** A broker that was found and answers. */
export interface Broker extends AsyncDisposable {
  readonly available: true;
  readonly name: string;
  /** With credentials, ready for the client library. */
  readonly url: string;
  readonly how: Means;
  /** As the broker says it, or undefined where it does not say. */
  readonly version: string | undefined;
  /** Undefined where the process is not ours, that is for `environment`. */
  readonly control: BrokerControl | undefined;
  /** The broker's own administration, if there is one; `access` is plain data that makes another of it in another process. */
  readonly admin: { readonly access: unknown } | undefined;
  /** Ends what was started for this broker: processes and data. Idempotent. Leaves a broker of the environment alone. */
  dispose(): Promise<void>;
}

/** No broker was found: the suites that need it are reported as not run, with this reason. */
export interface NotRun {
  readonly available: false;
  readonly name: string;
  /** What was tried, and what to install. */
  readonly reason: string;
}

/** Either the broker, or in words why this means does not serve. A broker that is there and does not work is thrown, never a reason. */
type Attempt<Found extends Broker> = Promise<Found | string>;

/** How one kind of broker is had; one file each. A means that is left out does not exist for it. */
export interface Recipe<Options, Found extends Broker> {
  readonly name: string;
  /** The environment variable that holds the URL of a running broker. */
  readonly variable: string;
  /** What to install, as a command or as words. */
  readonly install: string;
  attach(url: string, options: Options): Attempt<Found>;
  container?(options: Options): Attempt<Found>;
  native?(options: Options): Attempt<Found>;
  embedded?(options: Options): Attempt<Found>;
}
