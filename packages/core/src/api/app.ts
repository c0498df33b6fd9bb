import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { checkConfig } from '../config/check-config.js';
import { checkNames } from '../config/check-names.js';
import { configError } from '../config/problem.js';
import { resolveTransport } from '../config/resolve.js';
import type { CheckedConfig } from '../config/schema.js';
import { originOf } from '../config/source.js';
import { type Claims, claimsOf } from '../runtime/claims.js';
import type { MessageContext } from '../runtime/context.js';
import type { Engine } from '../runtime/engine.js';
import { guarded, type Logger, silent } from '../runtime/logger.js';
import { refusals } from '../runtime/negotiate.js';
import { plan } from '../runtime/plan.js';
import { rulings } from '../runtime/rulings.js';
import { uuids } from '../runtime/uuid.js';
import type { From } from '../transport/channel.js';
import { systemClock } from '../transport/clock.js';
import { MessagingError, textOf } from '../transport/errors.js';
import type { Transport } from '../transport/transport.js';
import { afters } from './afters.js';
import { type AppSpecs, specsOf } from './app-specs.js';
import type { App, AppOptions, AppStats, RedriveOptions, SeekOptions } from './app-types.js';
import { attachProducers } from './attach.js';
import { builder } from './builder.js';
import type { Channel } from './channels.js';
import { collisions } from './collisions.js';
import { contradictions } from './contradictions.js';
import { type Discovery, discover, draftOfObject, problemsBetween } from './discover.js';
import { type ConsumerDraft, nameOf } from './draft.js';
import { engineFor } from './engine-for.js';
import { mustBeFrom } from './from.js';
import { listOf, PRODUCERS } from './metadata.js';
import type { Producer } from './producer.js';
import { Producers } from './producers.js';
import { redriving } from './redriving.js';
import { runUntilSignal } from './run.js';

type State = 'new' | 'starting' | 'running' | 'stopping' | 'stopped';

/**
 * Makes an app: checks the configuration, reads the classes, binds their producers into the container. Connects nothing.
 * @throws MessagingError CONFIG or DISCOVERY, each with every problem at once.
 */
export async function createApp(options: AppOptions): Promise<App> {
  const config = checkConfig(options.config);
  const clock = options.clock ?? systemClock;
  const instance = randomUUID().slice(0, 13);
  const transports = new Map<string, Transport>();
  for (const [name, definition] of Object.entries(config.transports)) {
    const { factory, options: checked } = await resolveTransport(definition, { known: options.transports ?? [], name });
    transports.set(name, factory.create(checked, { service: config.name, instance, clock }));
  }
  return new Omnibus(options, config, transports, instance);
}

class Omnibus implements App {
  readonly #options: AppOptions;
  readonly #config: CheckedConfig;
  readonly #transports: ReadonlyMap<string, Transport>;
  readonly #instance: string;
  readonly #discovery: Discovery;
  readonly #drafts: ConsumerDraft[];
  readonly #producers: Producers;
  readonly #current = new AsyncLocalStorage<MessageContext>();
  readonly #newId = uuids();
  readonly #log: Logger;
  readonly #claims: Claims | undefined;
  readonly #given = new AbortController(); // aborts when a start is given up
  #starting: Promise<void> | undefined;
  #state: State = 'new';
  #engine: Engine | undefined;
  #stopping: Promise<void> | undefined;
  /** What the counters said when it stopped. */
  #finalStats: AppStats = { consumers: {}, reconnects: 0, lateReplies: 0 };

  constructor(options: AppOptions, config: CheckedConfig, transports: ReadonlyMap<string, Transport>, instance: string) {
    this.#options = options;
    this.#log = options.logger === undefined ? silent : guarded(options.logger);
    this.#claims = claimsOf(options.claimCheck, this.#clock, this.#log);
    this.#config = config;
    this.#transports = transports;
    this.#instance = instance;
    this.#producers = new Producers({
      outgoing: ({ name }) => this.#engine?.outgoing.get(name),
      replies: () => this.#engine?.replies,
      replyAddress: ({ name }) => this.#engine?.replyAddressFor(name),
      newId: this.#newId,
    });
    this.#discovery = discover(options.classes ?? [], options.container);
    this.#drafts = [...this.#discovery.consumers];
    for (const { channel, owner } of this.#discovery.producers) this.#producers.add(channel, owner);
    for (const channel of options.producers ?? []) this.#producers.add(channel, 'createApp');
    this.#producers.addRoutes(this.#drafts);
    const problems = [
      ...this.#discovery.problems,
      ...problemsBetween(this.#drafts),
      ...this.#producers.problems(options.container),
    ];
    if (problems.length > 0) throw discoveryError(problems);
    this.#producers.bind(options.container);
    for (const { resolver } of this.#discovery.resolvers) resolver.bind();
  }

  consumer(channel: Channel, ...options: readonly (ConsumerDraft['options'] | undefined)[]): never {
    this.#mustBeNew('consumer');
    const made = builder(channel, options[0] ?? {});
    this.#drafts.push(made.draft);
    return made.builder as never;
  }

  producer<C extends Channel>(channel: C): Producer<C> {
    const known = this.#producers.get(channel);
    if (known !== undefined || this.#state === 'new')
      return (known ?? this.#producers.add(channel, 'app.producer')) as unknown as Producer<C>;
    throw new MessagingError(
      'DISCOVERY',
      `channel "${channel.name}" is not known to this app: list it in createApp({ producers: [...] }), or ask for its producer before start()`,
    );
  }

  attach(object: object): void {
    this.#mustBeNew('attach');
    for (const channel of listOf<Channel>(object.constructor, PRODUCERS)) this.#producers.add(channel, object.constructor.name);
    attachProducers(object, (channel) => this.#producers.add(channel, object.constructor.name));
    const draft = draftOfObject(object);
    if (draft !== undefined) this.#drafts.push(draft);
  }

  get plan() {
    this.#producers.addRoutes(this.#drafts);
    const specs = this.#specs();
    const ruled = rulings({ transports: this.#transports, claims: this.#claims, ...specs });
    return refusals(ruled.rulings) === undefined ? plan(ruled.rulings, ruled.caveats, this.#engineFor(specs).permissions) : ruled;
  }

  get stats(): AppStats {
    if (this.#engine === undefined) return this.#finalStats;
    const { stats, reconnects, replies } = this.#engine;
    return { consumers: stats, reconnects, lateReplies: replies.late };
  }

  async start(): Promise<void> {
    this.#mustBeNew('start');
    this.#state = 'starting';
    this.#starting = this.#begin();
    try {
      await this.#starting;
      this.#state = 'running';
    } catch (error) {
      this.#engine = undefined;
      this.#state = 'stopped';
      await this.#unbind();
      throw this.#given.signal.aborted ? this.#given.signal.reason : error;
    }
  }

  stop({ deadlineMs = this.#config.stopDeadlineMs }: { readonly deadlineMs?: number | undefined } = {}): Promise<void> {
    this.#stopping ??= this.#end(deadlineMs);
    return this.#stopping;
  }
  run(options: { readonly deadlineMs?: number | undefined } = {}): Promise<void> {
    return runUntilSignal(this, options);
  }

  async pause(channel: Channel, group?: string): Promise<void> {
    await this.#running('pause').pause(nameIn(channel, group));
  }
  async resume(channel: Channel, group?: string): Promise<void> {
    this.#running('resume').resume(nameIn(channel, group));
  }
  async redrive(channel: Channel, group?: string, { rate }: RedriveOptions = {}): Promise<number> {
    const found = this.#specs().consumers.find(({ name }) => name === nameIn(channel, group));
    return this.#running('redrive').redrive(redriving(this.#config, channel, group, rate, found));
  }
  async seek(channel: Channel, group: string, from: From, { deadlineMs = this.#config.stopDeadlineMs }: SeekOptions = {}) {
    const name = nameIn(channel, group);
    return this.#running('seek').seek(name, mustBeFrom(from, `seek of ${name}`), deadlineMs);
  }
  setConcurrency(channel: Channel, concurrency: number, group?: string): void {
    this.#running('setConcurrency').setConcurrency(nameIn(channel, group), concurrency);
  }
  async health() {
    const endpoints = this.#state === 'running' ? await (this.#engine as Engine).health() : [];
    return { ok: this.#state === 'running' && endpoints.every(({ ok }) => ok), endpoints };
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #begin(): Promise<void> {
    this.#producers.addRoutes(this.#drafts);
    const problems = [...problemsBetween(this.#drafts), ...contradictions([...this.#drafts, ...this.#producers.declared])];
    for (const { owner, resolver } of this.#discovery.resolvers) {
      await resolver
        .prepare()
        .catch((error: unknown) => problems.push(`${owner} cannot be made by the container: ${textOf(error)}`));
    }
    if (problems.length > 0) throw discoveryError(problems);
    if (this.#given.signal.aborted) throw this.#given.signal.reason;
    const specs = this.#specs();
    const names = [
      ...checkNames(this.#config, this.#channelNames(), this.#drafts.map(nameOf)),
      ...collisions(specs.consumers, specs.producers),
    ];
    if (names.length > 0) throw configError(names, originOf(this.#options.config)?.source);

    const refused = refusals(rulings({ transports: this.#transports, claims: this.#claims, ...specs }).rulings);
    if (refused !== undefined) throw refused;
    this.#engine = this.#engineFor(specs);
    const { startTimeoutMs } = this.#config;
    const late = new AbortController();
    const timer = this.#clock.timer(
      startTimeoutMs,
      () => late.abort(new MessagingError('TIMEOUT', `the app did not start within ${startTimeoutMs} ms`)),
      'ref',
    );
    try {
      await this.#engine.start(AbortSignal.any([late.signal, this.#given.signal]));
    } finally {
      timer.cancel();
    }
  }

  #engineFor(specs: AppSpecs): Engine {
    return engineFor(specs, this.#options, this.#config, {
      transports: this.#transports,
      instance: this.#instance,
      clock: this.#clock,
      log: this.#log,
      current: this.#current,
      newId: this.#newId,
      claims: this.#claims,
    });
  }

  async #end(deadlineMs: number): Promise<void> {
    this.#given.abort(new MessagingError('CLOSED', 'the app was stopped while it started'));
    await this.#starting?.catch(() => {}); // whoever started it is told
    this.#state = 'stopping';
    await this.#engine?.stop(deadlineMs);
    this.#finalStats = this.stats;
    this.#state = 'stopped';
    this.#engine = undefined;
    await this.#unbind();
  }

  async #unbind(): Promise<void> {
    await this.#producers.unbind(this.#options.container);
    for (const { resolver } of this.#discovery.resolvers) await resolver.unbind();
  }

  #specs(): AppSpecs {
    return specsOf({
      drafts: this.#drafts,
      config: this.#config,
      instance: this.#instance,
      producers: this.#producers,
      claims: this.#claims,
      afters: afters({
        engine: () => this.#engine,
        producer: (channel) => this.#producers.add(channel, 'publish: to()'),
        newId: this.#newId,
        log: this.#log,
      }),
    });
  }

  #channelNames(): readonly string[] {
    const { consumers } = this.#specs();
    return [
      ...this.#drafts.map(({ channel }) => channel.name),
      ...this.#producers.all.map(({ channel }) => channel.name),
      ...consumers.flatMap(({ deadLetter }) => deadLetter?.wire.name ?? []),
    ];
  }

  get #clock() {
    return this.#options.clock ?? systemClock;
  }

  #mustBeNew(what: string): void {
    if (this.#state !== 'new')
      throw new MessagingError(
        'CLOSED',
        `app.${what}: the app is ${this.#state}${what === 'start' ? '; an app starts once, make another with createApp' : '; do it before start()'}`,
      );
  }

  #running(what: string): Engine {
    if (this.#engine === undefined) throw new MessagingError('CLOSED', `app.${what}: the app does not run`);
    return this.#engine;
  }
}

const nameIn = (channel: Channel, group: string | undefined): string =>
  group === undefined ? channel.name : `${channel.name}/${group}`;

const discoveryError = (problems: readonly string[]): MessagingError =>
  new MessagingError('DISCOVERY', `The app cannot start:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
