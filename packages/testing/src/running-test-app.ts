import type { App, Channel, Config, MessagesOf, MessageType, PayloadOf } from '@omnibus/core';
import type { VirtualClock } from '@omnibus/core/transport';
import type { MemoryBroker } from '@omnibus/memory';
import type { Outsider } from './outsider.js';
import { matches, payloadNow, payloadOf } from './payload.js';
import { deadline, hurried, real } from './real-time.js';
import { rest } from './rest.js';
import type { SettledOptions, TestApp, TestClock } from './test-app-types.js';
import type { Seen, Witness } from './witness.js';

/** What a running test app is made of. */
export interface Parts {
  readonly app: App;
  readonly broker: MemoryBroker;
  readonly seen: Witness;
  readonly virtual: VirtualClock;
  readonly others: Outsider;
  readonly config: Config;
  readonly timeoutMs: number;
}

const STOP_DEADLINE_MS = 25_000; // the core's default
/** What handlers get to end by themselves when the app stops, in ms of real time. */
const GRACE_MS = 500;
const POLL_MS = 1;
const REDRIVE_STEP_MS = 1_000;
/** Longer than any test advances its clock. */
const REQUEST_TIMEOUT_MS = 7 * 24 * 3_600_000;

export class RunningTestApp implements TestApp {
  readonly broker: MemoryBroker;
  readonly clock: TestClock;
  readonly #o: Parts;
  readonly #stopped = new AbortController();
  /** Sends of the test that have not ended. */
  #sending = 0;

  constructor(parts: Parts) {
    this.#o = parts;
    this.broker = parts.broker;
    this.clock = {
      now: () => parts.virtual.now(),
      advance: (ms) => parts.virtual.advance(ms, () => this.#rest()),
    };
  }

  readonly send: TestApp['send'] = async (channel, message, payload, options) => {
    this.#sending += 1;
    try {
      const producer = await this.#o.others.producer(channel);
      return await producer.send(message, payload, options);
    } finally {
      this.#sending -= 1;
    }
  };

  readonly request: TestApp['request'] = async (channel, message, payload, { timeoutMs = REQUEST_TIMEOUT_MS } = {}) => {
    const producer = await this.#o.others.producer(channel);
    return producer.request(message, payload, { timeoutMs });
  };

  async settled({ allowErrors = false }: SettledOptions = {}): Promise<void> {
    const { timeoutMs, virtual, seen } = this.#o;
    const end = performance.now() + timeoutMs;
    for (;;) {
      await virtual.advance(0, () => this.#rest());
      if (this.#running.length === 0 && this.#sending === 0) break;
      if (performance.now() > end)
        throw new Error(
          `the app did not settle within ${timeoutMs} ms: ${this.#running.join(', ') || 'a send of the test'} still runs. If it waits for virtual time, move it on: t.clock.advance(ms)`,
        );
      await real(POLL_MS);
    }
    const errors = seen.takeErrors();
    if (errors.length > 0 && !allowErrors) throw errors[0];
  }

  handled<M extends MessageType>(message: M, match: Partial<PayloadOf<M>> = {}): Promise<PayloadOf<M>> {
    const found = this.#find(message, match);
    found.catch(() => {}); // a test may look at it later, or never
    return found;
  }

  sent<C extends Channel, M extends MessagesOf<C>>(channel: C, message: M): readonly PayloadOf<M>[] {
    return this.#o.seen.sent
      .filter((each) => each.channel === channel.name && each.type === message.name)
      .map(({ body }) => payloadNow(message, body));
  }

  dead(channel: Channel, group?: string) {
    return this.#o.seen.dead(channel.name, group);
  }

  readonly producer: App['producer'] = (channel) => this.#o.app.producer(channel);
  readonly pause: App['pause'] = (channel, group) => this.#o.app.pause(channel, group);
  readonly resume: App['resume'] = (channel, group) => this.#o.app.resume(channel, group);
  readonly seek: App['seek'] = (...given) => this.#o.app.seek(...given);
  /** It ends when its channel has given nothing for a while, so it takes the time that it needs. */
  readonly redrive: App['redrive'] = async (...given) => {
    let isDone = false;
    await this.clock.advance(1); // what died in the millisecond in which it begins counts as dead again
    const moving = this.#o.app.redrive(...given).finally(() => {
      isDone = true;
    });
    moving.catch(() => {}); // its rejection is the caller's below
    for (await this.#rest(); !isDone; ) await this.clock.advance(REDRIVE_STEP_MS);
    return moving;
  };
  readonly setConcurrency: App['setConcurrency'] = (...given) => this.#o.app.setConcurrency(...given);
  readonly health: App['health'] = () => this.#o.app.health();
  get plan() {
    return this.#o.app.plan;
  }
  get stats() {
    return this.#o.app.stats;
  }

  async stop(options: { readonly deadlineMs?: number | undefined } = {}): Promise<void> {
    const { app, others, virtual, config } = this.#o;
    this.#stopped.abort();
    const stopping = Promise.all([app.stop(options), others.stop()]);
    await hurried(stopping, GRACE_MS, () => virtual.advance(options.deadlineMs ?? config.stopDeadlineMs ?? STOP_DEADLINE_MS));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Consumers with handlers that run. */
  get #running(): readonly string[] {
    return Object.entries(this.stats.consumers)
      .filter(([, { running }]) => running > 0)
      .map(([name]) => name);
  }

  #rest(): Promise<void> {
    const { seen, timeoutMs } = this.#o;
    return rest(() => `${seen.count} events, ${this.#sending} sends, ${JSON.stringify(this.stats)}`, timeoutMs);
  }

  async #find<M extends MessageType>(message: M, match: Partial<PayloadOf<M>>): Promise<PayloadOf<M>> {
    const { seen, timeoutMs } = this.#o;
    const late = deadline(timeoutMs);
    const signal = AbortSignal.any([late.signal, this.#stopped.signal]);
    try {
      for (let index = 0; ; index++) {
        while (index === seen.handled.length && !signal.aborted) await seen.next(signal);
        const next = seen.handled[index];
        if (next === undefined) throw this.#never(message, seen.handled);
        if (next.type !== message.name) continue;
        const payload = await payloadOf(message, next.body);
        if (matches(payload, match)) return payload;
      }
    } finally {
      late.cancel();
    }
  }

  #never({ name }: MessageType, handled: readonly Seen[]): Error {
    const why = this.#stopped.signal.aborted ? 'before the app stopped' : `within ${this.#o.timeoutMs} ms`;
    const types = [...new Set(handled.map(({ type }) => type))].join(', ');
    return new Error(
      `no "${name}" that matches was handled ${why}; handled were ${types || 'none at all'}. ${JSON.stringify(this.stats.consumers)}`,
    );
  }
}
