import type { TestProject } from 'vitest/node';
import type { BrokerName, BrokerOf, OptionsOf } from './broker.js';
import type { NotRun } from './recipe.js';
import { hold, type Shared } from './shared.js';

/** The brokers that a project wants, with their options: `{ rabbitmq: {} }`. */
export type WantedBrokers = { readonly [Name in BrokerName]?: OptionsOf<Name> };

type ProvidedBrokers = { [Name in BrokerName]: Shared<BrokerOf<Name>> | NotRun };

declare module 'vitest' {
  interface ProvidedContext extends ProvidedBrokers {
    wantedBrokers: WantedBrokers;
  }
}

/**
 * A `globalSetup` of vitest. A project names what it wants by `provide: { wantedBrokers: { rabbitmq: {} } }`; its tests get the broker,
 * or why there is none, by `inject('rabbitmq')`. One run starts each broker once, whichever of its projects want it.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const wanted = Object.entries(project.config.provide.wantedBrokers ?? {}) as [BrokerName, OptionsOf<BrokerName>][];
  const outcomes = await Promise.allSettled(wanted.map(([name, options]) => hold(name, options)));
  const held = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const teardown = async (): Promise<void> => {
    await Promise.all(held.map((each) => each.letGo()));
  };
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    await teardown();
    throw failed.reason;
  }
  for (const { found } of held) {
    project.provide(found.name as BrokerName, found);
    const { logger } = project.vitest;
    if (found.available) logger.log(`${found.name} ${found.version ?? ''} (${found.how}) at ${new URL(found.url).host}`);
    else logger.log(`not run: ${found.reason}`);
  }
  return teardown;
}
