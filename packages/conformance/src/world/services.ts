import { equal, ok } from 'node:assert/strict';
import { type App, type Config, createApp, type Logger, type Ruling } from '@omnibus/core';
import type { Transport, TransportDefinition, TransportFactory } from '@omnibus/core/transport';
import { rejection } from '../assertions.js';
import type { Harness } from '../harness.js';
import type { Scenario } from '../scenario.js';
import { Refused } from './endings.js';
import { type Seam, seam } from './seam.js';
import { timers } from './timers.js';
import type { ServiceOptions } from './world.js';

const TRANSPORT = 'broker'; // its key in every service's configuration
const STOP_MS = 2_000; // for handlers that still run when a scenario is over

/** The services of one scenario: made, started, stopped, and looked at for what they left behind. */
export interface Services {
  readonly seam: Seam;
  /** All that the plans of started services ruled. */
  readonly rulings: readonly Ruling[];
  /** Warnings and errors that services logged. */
  readonly logged: readonly string[];
  /** The transport as a service would have it, not connected; default: the one that is tested. */
  transport(definition?: TransportDefinition): Promise<Transport>;
  make(options?: ServiceOptions): Promise<App>;
  start(services: readonly App[]): Promise<void>;
  /** Stops all. @throws AssertionError where a link, an end or a timer is left. */
  close(): Promise<void>;
}

/** No services yet. */
export function services(harness: Harness, scenario: Scenario, deadlineMs: number): Services {
  const made: App[] = [];
  const rulings: Ruling[] = [];
  const logged: string[] = [];
  const between = seam(harness.factory);
  const others = otherFactories(harness).map(between.around);
  const time = timers();
  const logger = loggerTo(logged);

  async function make({ config, transport, hangs, logger: also, ...options }: ServiceOptions = {}): Promise<App> {
    const app = await createApp({
      ...options,
      config: {
        ...BASICS,
        startTimeoutMs: deadlineMs,
        transports: { [TRANSPORT]: transport ?? harness.definition() },
        ...config,
      },
      transports: [hangs === true ? between.hanging : between.factory, ...others],
      clock: time.clock,
      logger: also === undefined ? logger : both(logger, also),
    });
    made.push(app);
    return app;
  }

  async function start(apps: readonly App[]): Promise<void> {
    for (const app of apps) {
      const { rulings: ruled } = app.plan;
      const refused = ruled.filter(({ ruling }) => ruling === 'refuse');
      rulings.push(...ruled);
      if (refused.length === 0) await app.start();
      else await provesRefusal(app, refused, scenario, between);
    }
  }

  async function close(): Promise<void> {
    await Promise.all(made.map((app) => app.stop({ deadlineMs: STOP_MS })));
    equal(between.open.join(', '), '', 'left open when every service has stopped');
    equal(time.pending, 0, 'timers that still wait when every service has stopped');
  }

  return {
    seam: between,
    rulings,
    logged,
    async transport(transport) {
      await make(transport === undefined ? {} : { transport });
      return between.transports.at(-1)!;
    },
    make,
    start,
    close,
  };
}

/** Those that are called as the tested one is are made by its factory. */
const otherFactories = ({ factory, other }: Harness): readonly TransportFactory[] =>
  other === undefined || other.factory.transport === factory.transport ? [] : [other.factory];

const BASICS: Omit<Config, 'transports'> = { name: 'conformance', default: TRANSPORT };

/**
 * A refusal is right where the scenario may be refused, and where the service says so before it opens anything: in one CAPABILITY
 * error that names who needs what of which transport.
 */
async function provesRefusal(app: App, refused: readonly Ruling[], scenario: Scenario, between: Seam): Promise<never> {
  const { feature, needs = [], kind = 'queue', mandatory } = scenario;
  for (const { by, feature: missing, how } of refused) {
    const gated = (missing === feature && mandatory !== true) || needs.includes(missing);
    const notCarried = kind !== 'queue' && missing === 'receive';
    ok(gated || notCarried, `the plan refuses what every transport must do here: ${by} needs ${how}`);
  }
  const { connects } = between;
  const { message } = await rejection('CAPABILITY', app.start());
  for (const { by, how } of refused)
    ok(message.includes(by) && message.includes(how), `the refusal does not say that ${by} needs ${how}`);
  ok(message.includes(`"${TRANSPORT}"`), 'the refusal does not name the transport');
  equal(between.connects, connects, 'a link was opened before the refusal');
  throw new Refused(refused.map(({ how }) => how).join('; '));
}

const both = (one: Logger, other: Logger): Logger => {
  const tell =
    (level: keyof Logger): Logger['warn'] =>
    (fields, text) => {
      one[level](fields, text);
      other[level](fields, text);
    };
  return { debug: tell('debug'), info: tell('info'), warn: tell('warn'), error: tell('error') };
};

function loggerTo(lines: string[]): Logger {
  const keep =
    (level: string): Logger['warn'] =>
    (fields, text) =>
      void lines.push(`${level}: ${text} ${JSON.stringify(fields)}`);
  const nothing = (): void => {};
  return { debug: nothing, info: nothing, warn: keep('warn'), error: keep('error') };
}
