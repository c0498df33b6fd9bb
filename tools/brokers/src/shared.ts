import { type BrokerName, type BrokerOf, broker, type OptionsOf } from './broker.js';
import type { Broker, NotRun } from './recipe.js';

/** A broker that several test files use: what of it is plain data. `access` makes an admin, for example `new RabbitMqAdmin(access)`. */
export type Shared<Found extends Broker> = Omit<Found, 'control' | 'admin' | 'dispose' | typeof Symbol.asyncDispose> & {
  readonly access: NonNullable<Found['admin']>['access'] | undefined;
};

interface Holding {
  holders: number;
  readonly found: Promise<Broker | NotRun>;
}

// On globalThis because every vitest project loads this module anew, and a run shall start each broker once.
const HOLDINGS = Symbol.for('@omnibus/brokers/holdings');
const holdings: Map<string, Holding> = ((globalThis as { [HOLDINGS]?: Map<string, Holding> })[HOLDINGS] ??= new Map());

/** Gives the process's broker of this name and these options, started by whoever asks first and disposed of when the last lets go. */
export async function hold<Name extends BrokerName>(
  name: Name,
  options: OptionsOf<Name>,
): Promise<{ found: Shared<BrokerOf<Name>> | NotRun; letGo: () => Promise<void> }> {
  const key = JSON.stringify([name, options]);
  const holding = holdings.get(key) ?? { holders: 0, found: broker(name, options) };
  holdings.set(key, holding);
  holding.holders += 1;
  const letGo = async (): Promise<void> => {
    holding.holders -= 1;
    if (holding.holders > 0) return;
    holdings.delete(key);
    const found = await holding.found;
    if (found.available) await found.dispose();
  };
  try {
    const found = await holding.found;
    return { found: found.available ? plain(found as BrokerOf<Name>) : found, letGo };
  } catch (error) {
    holdings.delete(key);
    throw error;
  }
}

function plain<Found extends Broker>(found: Found): Shared<Found> {
  const { control: _control, admin, dispose: _dispose, [Symbol.asyncDispose]: _asyncDispose, ...data } = found;
  return { ...data, access: admin?.access } as Shared<Found>;
}
