export type { Aws } from './aws.js';
export type { EntryChoice } from './aws-batch.js';
export type { AwsCall } from './aws-call.js';
export type { AwsCredentials, AwsEndpoint, AwsOptions } from './aws-endpoint.js';
export {
  type AwsEntryError,
  type AwsError,
  type AwsErrorForm,
  type AwsProtocol,
  awsEntryErrors,
  awsErrors,
} from './aws-errors.js';
export { type AwsConditions, AwsFaultProxy } from './aws-fault-proxy.js';
export { type AwsCallChoice, type AwsCount, type AwsFault, type AwsInjection, awsFaults } from './aws-faults.js';
export { type BrokerName, type BrokerOf, broker, type OptionsOf, startOwn } from './broker.js';
export { until, within } from './deadline.js';
export { DelayLine } from './delay-line.js';
export type { ElasticMq } from './elasticmq.js';
export type { Direction, Toxics } from './fault-link.js';
export { type FaultCounts, FaultProxy, type FaultProxyOptions, type MomentPredicate, type Upstream } from './fault-proxy.js';
export type { Kafka, KafkaLogin, KafkaTls } from './kafka.js';
export type { KafkaLink, KafkaOptions } from './kafka-config.js';
export { freePorts } from './ports.js';
export type { RabbitMq, RabbitMqTls } from './rabbitmq.js';
export { type RabbitMqAccess, RabbitMqAdmin } from './rabbitmq-admin.js';
export type { RabbitMqOptions } from './rabbitmq-config.js';
export type { Broker, BrokerControl, Means, NotRun } from './recipe.js';
export type { Shared } from './shared.js';
