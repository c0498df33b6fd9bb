import type { LogClient } from '../client.js';
import type { ResolvedOptions } from '../options.js';

/** The client that the options name; the libraries of the others are not loaded. */
export async function clientOf({ client }: Pick<ResolvedOptions, 'client'>): Promise<LogClient> {
  if (client === 'platformatic') return (await import('./platformatic/platformatic.js')).platformatic;
  return (await import('./kafkajs/kafkajs.js')).kafkajs;
}
