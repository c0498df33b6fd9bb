import { aws } from './aws.js';
import { whyNoTestcontainers } from './container.js';
import { whyNoDockerEngine } from './docker-engine.js';
import { elasticmq } from './elasticmq.js';
import { kafka } from './kafka.js';
import { rabbitmq } from './rabbitmq.js';
import type { Broker, Means, NotRun, Recipe } from './recipe.js';
import { isRequired } from './require.js';

/** Every kind of broker that can be had. A new one is a file with its recipe, and its name here. */
const recipes = { aws, elasticmq, kafka, rabbitmq };

type Recipes = typeof recipes;

/** The names of the brokers that can be had. */
export type BrokerName = keyof Recipes;

/** What can be asked of a broker of this name. */
export type OptionsOf<Name extends BrokerName> = Recipes[Name] extends Recipe<infer Options, infer _> ? Options : never;

/** What is found for this name. */
export type BrokerOf<Name extends BrokerName> = Recipes[Name] extends Recipe<infer _, infer Found> ? Found : never;

/** Where to look, in this order; `startOwn` leaves the environment out. */
const ORDER: readonly Means[] = ['environment', 'container', 'native', 'embedded'];

/**
 * Finds a broker: one named by the environment (OMNIBUS_<NAME>_URL), else a container where a Docker engine answers, else a native
 * process where it is installed, else an embedded emulator where one exists. `how` says which it was. With OMNIBUS_REQUIRE a missing
 * broker throws instead of being reported.
 * @throws Error when the broker of the environment does not answer, an installed one does not start, or a required one is missing
 */
export function broker<Name extends BrokerName>(name: Name, options?: OptionsOf<Name>): Promise<BrokerOf<Name> | NotRun> {
  return findBroker<OptionsOf<Name>, BrokerOf<Name>>(recipeOf(name), options ?? ({} as OptionsOf<Name>), surroundings(ORDER));
}

/**
 * Starts a broker of one's own, which may be stopped, killed and paused: never the one of the environment, which others use too.
 * @throws Error as `broker` does
 */
export function startOwn<Name extends BrokerName>(name: Name, options?: OptionsOf<Name>): Promise<BrokerOf<Name> | NotRun> {
  const means = ORDER.filter((way) => way !== 'environment');
  return findBroker<OptionsOf<Name>, BrokerOf<Name>>(recipeOf(name), options ?? ({} as OptionsOf<Name>), surroundings(means));
}

/** What the search depends on besides the recipe. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly means: readonly Means[];
  readonly known: readonly string[];
  /** Why no container can be started, or undefined when one can. */
  readonly whyNoContainer: () => Promise<string | undefined>;
}

/** The search itself, with its surroundings passed in. */
export async function findBroker<Options, Found extends Broker>(
  recipe: Recipe<Options, Found>,
  options: Options,
  around: Surroundings,
): Promise<Found | NotRun> {
  const required = isRequired(recipe.name, around.known, around.environment);
  const reasons: string[] = [];
  for (const means of around.means) {
    const found = await attempt(means, recipe, options, around);
    if (typeof found !== 'string') return found;
    if (found !== '') reasons.push(found);
  }
  const reason = `no ${recipe.name}: ${reasons.join('; ')}. Set ${recipe.variable}, or: ${recipe.install}`;
  if (required) throw new Error(`OMNIBUS_REQUIRE asks for ${recipe.name}, but there is ${reason}`);
  return { available: false, name: recipe.name, reason };
}

/** The broker, or why not; the reason is empty for a means that this kind of broker does not have. */
async function attempt<Options, Found extends Broker>(
  means: Means,
  recipe: Recipe<Options, Found>,
  options: Options,
  around: Surroundings,
): Promise<Found | string> {
  switch (means) {
    case 'environment': {
      const url = around.environment[recipe.variable] ?? '';
      return url === '' ? `${recipe.variable} is not set` : recipe.attach(url, options);
    }
    case 'container': {
      if (recipe.container === undefined) return '';
      const why = await around.whyNoContainer();
      if (why !== undefined) return why;
      // An engine without the image and without a registry is as good as none: the next means is tried, and the reason is kept.
      return recipe
        .container(options)
        .catch((error: unknown) => `its container did not start: ${error instanceof Error ? error.message : String(error)}`);
    }
    case 'native':
      return recipe.native?.(options) ?? '';
    case 'embedded':
      return recipe.embedded?.(options) ?? '';
  }
}

function recipeOf<Name extends BrokerName>(name: Name): Recipe<OptionsOf<Name>, BrokerOf<Name>> {
  const recipe: Recipes[Name] | undefined = recipes[name];
  if (recipe === undefined) throw new Error(`no broker is called '${name}'; known are: ${Object.keys(recipes).join(', ')}`);
  return recipe as unknown as Recipe<OptionsOf<Name>, BrokerOf<Name>>;
}

function surroundings(means: readonly Means[]): Surroundings {
  return {
    environment: process.env,
    means,
    known: Object.keys(recipes),
    whyNoContainer: async () => (await whyNoDockerEngine(process.env)) ?? whyNoTestcontainers(),
  };
}
