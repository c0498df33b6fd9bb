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
  const held = await Promise.allSettled(wanted.map(([name, options]) => hold(name, options)));
  const teardown = async (): Promise<void> => {
    await Promise.all(held.map((each) => (each.status === 'fulfilled' ? each.value.letGo() : undefined)));
  };
  const failed = held.find((each) => each.status === 'rejected');
  if (failed !== undefined) {
    await teardown();
    throw failed.reason;
  }
  for (const each of held) {
    if (each.status !== 'fulfilled') continue;
    const { found } = each.value;
    project.provide(found.name as BrokerName, found as ProvidedBrokers[BrokerName]);
    project.vitest.logger.log(
      found.available
        ? `${found.name} ${found.version ?? ''} (${found.how}) at ${new URL(found.url).host}`
        : `not run: ${found.reason}`,
    );
  }
  return teardown;
}
