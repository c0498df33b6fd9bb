export { type BrokerName, type BrokerOf, broker, type OptionsOf, startOwn } from './broker.js';
export { until, within } from './deadline.js';
export type { Direction, Toxics } from './fault-link.js';
export { type FaultCounts, FaultProxy, type FaultProxyOptions, type MomentPredicate, type Upstream } from './fault-proxy.js';
export { freePorts } from './ports.js';
export type { RabbitMq, RabbitMqOptions, RabbitMqTls } from './rabbitmq.js';
export { type RabbitMqAccess, RabbitMqAdmin } from './rabbitmq-admin.js';
export type { Broker, BrokerControl, Means, NotRun } from './recipe.js';
export type { Shared } from './shared.js';
