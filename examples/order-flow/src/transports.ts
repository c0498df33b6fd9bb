import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Config, loadConfig } from '@omnibus/core';
import { kafka } from '@omnibus/kafka';
import { memory } from '@omnibus/memory';
import { rabbitmq } from '@omnibus/rabbitmq';
import { sns } from '@omnibus/sns';

/** Brokers that run inside this process. */
export const embedded = ['memory'];

/** What `npm start` takes one after another: what is embedded, and what needs no more than an emulator beside it. */
export const everywhere = [...embedded, 'sns'];

/** What `use:` may name without a package to be found at run time, so that the flow also runs as one bundled file. */
export const linked = [kafka, memory, rabbitmq, sns];

const FILE = fileURLToPath(new URL('../omnibus.yaml', import.meta.url));

/** The configuration with `default: <transport>`. A bundle may have no file beside it: then the transport's own defaults hold. */
export async function configFor(transport: string, env: NodeJS.ProcessEnv): Promise<Config> {
  if (existsSync(FILE)) return loadConfig({ file: FILE, env: { ...env, OMNIBUS_TRANSPORT: transport } });
  return { name: 'order-flow', transports: { [transport]: { use: transport } }, default: transport };
}
