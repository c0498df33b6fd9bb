import type { Clock } from '../transport/clock.js';
import { MessagingError, textOf } from '../transport/errors.js';
import type { Health, Transport } from '../transport/transport.js';
import { backoffMs } from './backoff.js';
import { asMessagingError, isLinkError } from './link-error.js';
import { healthRecord, type LinkHealth } from './link-health.js';
import { type LinkEnd, Slot } from './link-slot.js';
import type { Logger } from './logger.js';
import { within } from './within.js';

export type { LinkEnd } from './link-slot.js';

export interface LinkOptions {
  /** The transport's name in the configuration. */
  readonly name: string;
  readonly transport: Pick<Transport, 'connect' | 'health' | 'close'>;
  /** Makes or checks all that the application needs on it; runs after every `connect` and before an end is opened again. */
  readonly provision: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Default 10,000. */
  readonly connectTimeoutMs?: number;
}

/** Keeps one transport connected and its ends open, for as long as the application runs. */
export interface Link {
  /**
   * Connects, provisions and opens every end, trying again after what may pass. Rejects at once with what no retry helps
   * (DENIED, CAPABILITY, TOPOLOGY, CONFIG, ...), and with CONNECTION when the signal aborts. Once; after a failure only `close`.
   */
  start(signal: AbortSignal): Promise<void>;
  /** Before `start`, or later: then it is opened soon, after provisioning. */
  add(end: LinkEnd): void;
  /** Forgets the end and waits until nothing of ours runs on it; whoever made it closes it. */
  remove(end: LinkEnd): Promise<void>;
  /** An end tells that what it opened last has failed. Whether the whole link is gone, the transport's health tells. */
  failed(end: LinkEnd, error: MessagingError): void;
  /** Somebody saw that messages cannot flow, though no end has failed: nothing was being sent. It looks for itself. */
  doubt(): void;
  readonly health: LinkHealth;
  /** How many times it connected again. */
  readonly reconnects: number;
  /** Ends a recovery too, then closes the transport. Whoever made the ends closes them. Idempotent, never rejects. */
  close(): Promise<void>;
}

const HELD_MS = 10_000; // what was up this long has earned a fresh backoff
const HEALTH_MS = 5_000;
const STEP_MS = 60_000; // provisioning all, opening one end
const CLOSE_MS = 10_000;
const TOGETHER_MS = 100; // ends that are due so soon are opened in one go: each go provisions anew

/** Makes a link that has not connected yet. */
export function createLink(options: LinkOptions): Link {
  const { transport, clock, log } = options;
  const what = `transport "${options.name}"`;
  const connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
  const slots = new Map<LinkEnd, Slot>();
  const state = healthRecord(options.name, clock, log);
  const life = new AbortController();
  let phase: 'new' | 'starting' | 'started' | 'closed' = 'new';
  let working = false;
  let closing: Promise<void> | undefined;
  let wake: (() => void) | undefined;
  let fatal: MessagingError | undefined;
  let connected = false;
  let connects = 0;
  let connectedAt = 0;
  let provisioned = false;
  let suspect = false; // something failed: is the link itself gone?
  let tries = 0; // of connect and provision
  let due = 0; // of the next one

  const closed = (): Slot[] => [...slots.values()].filter((slot) => slot.state === 'closed');
  const isUp = (): boolean => connected && provisioned && !suspect && closed().length === 0;

  /** One at a time: does what is most urgent, one step after another, until all is up. Each ends by its deadline or the signal. */
  async function work(signal: AbortSignal): Promise<void> {
    working = true;
    while (!signal.aborted && fatal === undefined && !isUp()) {
      const down = closed();
      const dead = down.filter((slot) => slot.dirty);
      const next = connected && provisioned ? Math.min(...down.map((slot) => slot.due)) : due;
      if (suspect) await examine(signal);
      else if (dead.length > 0) await Promise.all(dead.map((slot) => bury(slot, signal)));
      else if (next > clock.monotonic()) await nap(next - clock.monotonic());
      else await rise(signal);
    }
    working = false; // in one step with the last look: whatever fails from here on starts another
    if (isUp()) state.up();
  }

  /** Asks the transport whether messages can flow; if not, every end is lost with the link. */
  async function examine(signal: AbortSignal): Promise<void> {
    suspect = false;
    if (!connected) return;
    const answer = within(clock, HEALTH_MS, `health of ${what}`, () => transport.health(), signal);
    const down = (error: unknown): Health => ({ ok: false, why: textOf(error) });
    const { ok, why, linkStands } = await answer.catch(down);
    if (ok || linkStands === true || signal.aborted) return;
    log.debug({ transport: options.name, error: why }, `${what}: the link is gone`);
    if (state.health.ok) trouble(new MessagingError('CONNECTION', `${what}: ${why ?? 'the link is gone'}`), 'health');
    connected = provisioned = false;
    for (const slot of slots.values()) slot.fell();
    if (clock.monotonic() - connectedAt >= HELD_MS) tries = 0;
    due = clock.monotonic() + backoffMs(tries++);
  }

  /** Closes what is left of a dead end. */
  async function bury(slot: Slot, signal: AbortSignal): Promise<void> {
    slot.dirty = false;
    const error = state.error ?? new MessagingError('LOST', `${what}: the link is gone`);
    await slot
      .busy(within(clock, CLOSE_MS, `closing ${slot.end.name}`, () => slot.end.lost(error), signal))
      .catch(debug(`closing ${slot.end.name}`));
  }

  /** One try to bring up what is down. */
  async function rise(signal: AbortSignal): Promise<void> {
    let step = 'connect';
    try {
      if (!connected) {
        await within(clock, connectTimeoutMs, `connect of ${what}`, () => transport.connect(), signal);
        connected = true;
        connectedAt = clock.monotonic();
        connects++;
      }
      step = 'provision';
      await within(clock, STEP_MS, `provision of ${what}`, options.provision, signal);
      provisioned = true;
      if (clock.monotonic() - connectedAt >= HELD_MS) tries = 0;
    } catch (error) {
      if (signal.aborted) return;
      provisioned = false;
      suspect ||= connected;
      due = clock.monotonic() + backoffMs(tries++);
      return trouble(error, step);
    }
    const now = clock.monotonic();
    const ready = closed().filter((slot) => slot.due <= now + TOGETHER_MS);
    await Promise.all(ready.map((slot) => open(slot, signal)));
  }

  async function open(slot: Slot, signal: AbortSignal): Promise<void> {
    slot.opening();
    try {
      await slot.busy(within(clock, STEP_MS, `opening ${slot.end.name} on ${what}`, () => slot.end.open(), signal));
      slot.opened(clock.monotonic());
    } catch (error) {
      if (signal.aborted || slots.get(slot.end) !== slot) return;
      slot.failed(clock.monotonic(), HELD_MS);
      suspect = true;
      trouble(error, `open ${slot.end.name}`);
    }
  }

  function trouble(thrown: unknown, step: string): void {
    const error = asMessagingError(thrown, what);
    if (phase === 'starting' && !error.retryable && !isLinkError(error)) fatal ??= error;
    state.down(error, step);
  }

  const debug = (step: string) => (error: unknown) =>
    log.debug({ transport: options.name, step, error: textOf(error) }, `${what}: ${step} failed`);

  function nap(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = clock.timer(ms, () => wake?.(), 'ref');
      wake = () => {
        wake = undefined;
        timer.cancel();
        resolve();
      };
    });
  }

  /** Something changed: look again. */
  function stir(): void {
    wake?.();
    if (phase === 'started' && !working) void work(life.signal);
  }

  async function close(): Promise<void> {
    phase = 'closed';
    life.abort(new MessagingError('CLOSED', `${what} is closed`));
    wake?.();
    const step = within(clock, CLOSE_MS, `close of ${what}`, () => transport.close());
    await step.catch((error: unknown) =>
      log.warn({ transport: options.name, error: textOf(error) }, `${what}: closing it failed`),
    );
    state.closed();
  }

  return {
    async start(signal) {
      if (phase !== 'new') throw new MessagingError('CLOSED', `${what} was started or closed before`);
      phase = 'starting';
      const both = AbortSignal.any([signal, life.signal]);
      signal.addEventListener('abort', stir, { once: true });
      while (!both.aborted && fatal === undefined && !isUp()) await work(both);
      signal.removeEventListener('abort', stir);
      if (fatal !== undefined) throw fatal;
      if (life.signal.aborted) throw life.signal.reason as MessagingError;
      if (!isUp())
        throw new MessagingError('CONNECTION', `${what} did not come up in time: ${textOf(state.error ?? signal.reason)}`, {
          cause: state.error ?? signal.reason,
        });
      phase = 'started';
    },
    add(end) {
      slots.set(end, new Slot(end));
      stir();
    },
    async remove(end) {
      const slot = slots.get(end);
      slots.delete(end);
      stir();
      await slot?.idle;
    },
    failed(end, error) {
      const slot = slots.get(end);
      if (slot === undefined || slot.state === 'closed' || phase === 'new' || phase === 'closed') return;
      slot.failed(clock.monotonic(), HELD_MS);
      suspect = true;
      trouble(error, end.name);
      stir();
    },
    doubt() {
      if (phase !== 'started' || !connected) return;
      suspect = true;
      stir();
    },
    get health() {
      return state.health;
    },
    get reconnects() {
      return Math.max(0, connects - 1);
    },
    close: () => (closing ??= close()),
  };
}
