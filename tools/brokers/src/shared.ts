import { type BrokerName, type BrokerOf, broker, type OptionsOf } from './broker.js';
import type { Broker, NotRun } from './recipe.js';

/** A broker that several test files use: what of it is plain data. `access` makes an admin, for example `new RabbitMqAdmin(access)`. */
export type Shared<Found extends Broker> = Found extends Broker
  ? Omit<Found, 'control' | 'nodes' | 'admin' | 'dispose' | typeof Symbol.asyncDispose> & {
      readonly access: NonNullable<Found['admin']>['access'] | undefined;
    }
  : never; // of each kind of broker, where there may be several

/** One's hold on a shared broker. */
export interface Held<Name extends BrokerName> {
  readonly found: Shared<BrokerOf<Name>> | NotRun;
  /** The broker is disposed of when the last has let go. */
  letGo(): Promise<void>;
}

interface Holding {
  holders: number;
  readonly found: Promise<Broker | NotRun>;
}

/** Gives the process's broker of this name and these options, started by whoever asks first; `find` is how. */
export async function hold<Name extends BrokerName>(
  name: Name,
  options: OptionsOf<Name>,
  find: (name: Name, options: OptionsOf<Name>) => Promise<BrokerOf<Name> | NotRun> = broker,
): Promise<Held<Name>> {
  const key = JSON.stringify([name, options]);
  const holding = holdings().get(key) ?? { holders: 0, found: find(name, options) };
  holdings().set(key, holding);
  holding.holders += 1;
  const letGo = async (): Promise<void> => {
    holding.holders -= 1;
    if (holding.holders > 0) return;
    holdings().delete(key);
    const found = await holding.found;
    if (found.available) await found.dispose();
  };
  try {
    const found = await holding.found;
    return { found: (found.available ? plain(found) : found) as Held<Name>['found'], letGo };
  } catch (error) {
    holdings().delete(key);
    throw error;
  }
}

/** On globalThis because every vitest project loads this module anew, and a run shall start each broker once. */
function holdings(): Map<string, Holding> {
  const shelf = globalThis as { [HOLDINGS]?: Map<string, Holding> };
  shelf[HOLDINGS] ??= new Map();
  return shelf[HOLDINGS];
}

const HOLDINGS = Symbol.for('@omnibus/brokers/holdings');

function plain(found: Broker): object {
  const data = Object.entries(found).filter(([name]) => !['control', 'nodes', 'admin', 'dispose'].includes(name));
  return { ...Object.fromEntries(data), access: found.admin?.access };
}
