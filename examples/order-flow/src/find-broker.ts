import type * as Brokers from '@omnibus/brokers';

/** A real broker for the run. */
export interface FoundBroker extends AsyncDisposable {
  /** The environment that the configuration reads, with the broker's URL in it. */
  readonly env: NodeJS.ProcessEnv;
  readonly how: string;
}

/** Only this repository has it, and only a run without a URL needs it. */
const FINDER: string = '@omnibus/brokers';

/** Transports whose broker goes by another name. */
const BROKERS: Readonly<Record<string, string>> = { sns: 'aws', sqs: 'aws' };

/** The broker that OMNIBUS_<NAME>_URL names, else one that is started for this run: a container, a local binary, an emulator. */
export async function findBroker(transport: string): Promise<FoundBroker> {
  const name = BROKERS[transport] ?? transport;
  const variable = `OMNIBUS_${name.toUpperCase()}_URL`;
  if ((process.env[variable] ?? '') !== '') return { env: process.env, how: variable, [Symbol.asyncDispose]: async () => {} };
  const brokers = (await import(FINDER).catch(() => undefined)) as typeof Brokers | undefined;
  if (brokers === undefined) throw new Error(`which ${transport}? Set ${variable}`);
  const found = await brokers.broker(name as Brokers.BrokerName);
  if (!found.available) throw new Error(found.reason);
  return {
    env: { ...process.env, [variable]: found.url },
    how:
      found.how === 'embedded' ? `${found.version ?? 'an emulator'}, an emulator of its own` : `a ${found.how} broker of its own`,
    [Symbol.asyncDispose]: () => found.dispose(),
  };
}
