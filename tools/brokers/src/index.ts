export { broker, startOwn, type BrokerName, type BrokerOf, type OptionsOf } from './broker.js';
export { until, within } from './deadline.js';
export type { Direction, Toxics } from './fault-link.js';
export { FaultProxy, type FaultCounts, type FaultProxyOptions, type MomentPredicate, type Upstream } from './fault-proxy.js';
export { freePorts } from './ports.js';
export { RabbitMqAdmin, type RabbitMqAccess } from './rabbitmq-admin.js';
export type { RabbitMq, RabbitMqOptions, RabbitMqTls } from './rabbitmq.js';
export type { Broker, BrokerControl, Means, NotRun } from './recipe.js';
export type { Shared } from './shared.js';
