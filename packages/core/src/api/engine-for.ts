import type { CheckedConfig } from '../config/schema.js';
import { Engine } from '../runtime/engine.js';
import type { EngineOptions } from '../runtime/engine-options.js';
import { Topologies } from '../runtime/topology.js';
import type { AppSpecs } from './app-specs.js';
import type { AppOptions } from './app-types.js';

/** What is the app's own and outlives a plan. */
type Own = Pick<EngineOptions, 'transports' | 'instance' | 'clock' | 'log' | 'current' | 'newId' | 'claims'>;

/** The engine for an app's specs, on those of its transports that they use. Opens nothing. */
export function engineFor(specs: AppSpecs, options: AppOptions, config: CheckedConfig, own: Own): Engine {
  const used = new Set([
    ...specs.consumers.flatMap(({ channel, deadLetter }) => [channel.transport, deadLetter?.transport]),
    ...specs.producers.map(({ channel }) => channel.transport),
  ]);
  return new Engine({
    ...specs,
    ...own,
    service: config.name,
    transports: new Map([...own.transports].filter(([name]) => used.has(name))),
    topologies: new Topologies(),
    provision: config.provision,
    interceptors: options.interceptors ?? [],
    sendTimeoutMs: config.sendTimeoutMs,
    replyAddress: config.replies?.address,
  });
}
