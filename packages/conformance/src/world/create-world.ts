import { randomUUID } from 'node:crypto';
import { type Channel, queue, stream, topic } from '@omnibus/core';
import type { Delivery, TransportDefinition, Channel as WireChannel } from '@omnibus/core/transport';
import type { Harness } from '../harness.js';
import type { Scenario } from '../scenario.js';
import { NotProven } from './endings.js';
import { type Gate, gate } from './gate.js';
import { handled, journal } from './journal.js';
import type { Seen } from './seam.js';
import { type Services, services } from './services.js';
import { type Watch, watch } from './watch.js';
import type { World } from './world.js';

const DEADLINE_MS = 30_000;
const VOLUME = 10_000;

/** A world, and what only those who run scenarios may do with it. */
export interface OwnedWorld {
  readonly world: World;
  readonly services: Services;
  readonly watch: Watch;
  readonly notes: readonly string[];
  /** The sentence without what is different in every run. */
  readonly stable: (sentence: string) => string;
  /** Ends everything in it. @throws Error where something was left behind. */
  close(): Promise<void>;
}

/** A world for one scenario on one transport. */
export async function createWorld(harness: Harness, scenario: Scenario): Promise<OwnedWorld> {
  const { controls = {}, deadlineMs = DEADLINE_MS, volume = VOLUME } = harness;
  const suffix = `-${scenario.check}-${randomUUID().slice(0, 6)}`;
  const named = new RegExp(`[\\w-]+${suffix}`, 'g');
  const clock = watch(deadlineMs);
  const all = services(harness, scenario, deadlineMs);
  const transport = await all.transport();
  const gates: Gate[] = [];
  const notes: string[] = [];

  const unique = (make: (name: string, spec: never) => unknown) => (name: string, spec: never) => make(`${name}${suffix}`, spec);

  const world: World = {
    deadlineMs,
    volume,
    queue: unique(queue) as typeof queue,
    topic: unique(topic) as typeof topic,
    stream: unique(stream) as typeof stream,
    deadLetters: ({ name, messages }, group) =>
      queue(group === undefined ? `${name}.dead` : `${name}.${group}.dead`, { messages }),
    carries: (kind) => transport.kinds.includes(kind),
    firstAttemptAfter(givenBack) {
      if (harness.countsGivenBack === undefined) return 1;
      if (!notes.includes(harness.countsGivenBack)) notes.push(harness.countsGivenBack);
      return 1 + givenBack;
    },
    hasLink: harness.linkless !== true,
    capabilities: (channel) => transport.capabilities(wireOf(channel)),
    service: (options) => all.make(options),
    start: (...apps) => all.start(apps),
    stop: (app, ms = deadlineMs) => app.stop({ deadlineMs: ms }),
    handled: () => handled(clock),
    journal: (what) => journal(clock, what),
    gate() {
      const made = gate();
      gates.push(made);
      return made;
    },
    deliveries({ name }) {
      const seen = journal<Seen>(clock, `the number of deliveries of ${name}`);
      all.seam.watch(name, seen.add);
      return seen;
    },
    renewals({ name }) {
      const renewed = journal<Delivery>(clock, `the number of renewals of ${name}`);
      all.seam.watchRenewals(name, renewed.add);
      return renewed;
    },
    get ways() {
      if (harness.other === undefined) throw new NotProven('the harness has no other transport');
      return { own: harness.definition(), other: harness.other.definition() };
    },
    transport: (definition) => all.transport(definition),
    secrets: secretsIn(harness.definition()),
    polls: ({ name }) => all.seam.polls.get(name) ?? 0,
    get open() {
      return all.seam.open;
    },
    until: (what, condition, seen) => clock.until(what, condition, seen),
    may: (name) => controls[name] !== undefined,
    control(name) {
      const found = controls[name];
      if (found === undefined) throw new NotProven(`the harness has no control '${name}'`);
      return found;
    },
    note: (sentence) => void notes.push(sentence),
  };

  return {
    world,
    services: all,
    watch: clock,
    notes,
    stable: (sentence) => sentence.replaceAll(named, '{channel}'),
    async close() {
      for (const each of gates) each.open();
      await all.close();
      for (const object of all.seam.objects) await controls.remove?.(object);
    },
  };
}

/** Passwords in the URLs of a definition. A short one may be a word that occurs anyway: it is looked for as a URL has it. */
function secretsIn(definition: TransportDefinition): readonly string[] {
  const urls = Object.values(definition).filter((value): value is string => typeof value === 'string' && URL.canParse(value));
  const passwords = urls.map((url) => decodeURIComponent(new URL(url).password)).filter((password) => password !== '');
  return passwords.map((password) => (password.length < 8 ? `:${password}@` : password));
}

/** A channel as an adapter sees it where nothing is configured. */
function wireOf({ name, kind, messages, options }: Channel): WireChannel {
  return {
    name,
    address: name,
    kind,
    ordered: options.ordered ?? false,
    temporary: false,
    types: messages.map((message) => message.name),
    maxDelayMs: options.maxDelayMs ?? 0,
    priorities: options.priorities ?? 0,
  };
}
