import type { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../transport/clock.js';
import type { Transport } from '../transport/transport.js';
import type { Claims } from './claims.js';
import type { MessageContext } from './context.js';
import type { InterceptorFactory } from './hooks.js';
import type { Logger } from './logger.js';
import type { ProvisionMode } from './provision.js';
import type { ConsumerSpec, ProducerSpec } from './specs.js';
import type { Topologies } from './topology.js';

/** All that an engine is made of. */
export interface EngineOptions {
  readonly service: string;
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly current: AsyncLocalStorage<MessageContext>;
  readonly transports: ReadonlyMap<string, Transport>;
  readonly consumers: readonly ConsumerSpec[];
  readonly producers: readonly ProducerSpec[];
  readonly topologies: Topologies;
  readonly provision: ProvisionMode;
  readonly interceptors: readonly InterceptorFactory[];
  readonly sendTimeoutMs: number;
  readonly newId: () => string;
  readonly replyAddress: string | undefined;
  /** Undefined where large messages are refused. */
  readonly claims: Claims | undefined;
}
