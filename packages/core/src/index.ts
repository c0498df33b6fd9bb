// Entry "@omnibus/core": what applications say.
export { createApp } from './api/app.js';
export type { App, AppHealth, AppOptions, AppStats, RedriveOptions, SeekOptions } from './api/app-types.js';
export { type Channel, type ChannelOptions, type ChannelSpec, type MessagesOf, queue, stream, topic } from './api/channels.js';
export {
  type CommonConsumerOptions,
  type ConsumerBuilder,
  type ConsumerOptions,
  type PerInstance,
  perInstance,
  type QueueConsumerOptions,
  type StreamConsumerOptions,
  type TopicConsumerOptions,
} from './api/consumer.js';
export type { ContainerLike } from './api/container.js';
export type { BatchContext, Context } from './api/context.js';
export { Consumer, type ConsumerClass, Handle } from './api/decorators.js';
export {
  type Answer,
  type BatchAnswer,
  type BatchHandler,
  type BatchOptions,
  type HandleOptions,
  type Handler,
  type NoReply,
  type PublishingHandler,
  type PublishingOptions,
  type Route,
  to,
  type Where,
} from './api/handlers.js';
export { type IdempotencyStore, type MemoryStore, type MemoryStoreOptions, memoryStore } from './api/idempotency.js';
export {
  type InputOf,
  type MessageOptions,
  type MessageType,
  message,
  type PayloadOf,
  type ReplyInputOf,
  type ReplyOf,
  type Schema,
} from './api/messages.js';
export type { Producer, RequestOptions, RequestsOf, SendOptions, SendOptionsBase, SendResult, Sent } from './api/producer.js';
export { producerToken } from './api/tokens.js';
export { bytesCodec, type Codec, textCodec } from './codec/codec.js';
export type { DeadLetter, Death } from './codec/dead-letter-header.js';
export { jsonCodec } from './codec/json.js';
export type { ClaimPointer } from './codec/pointer.js';
export { type LoadOptions, loadConfig } from './config/load.js';
export {
  type ChannelConfig,
  type CheckedConfig,
  type Config,
  type ConsumerConfig,
  defineConfig,
  type Emulate,
  type Provision,
} from './config/schema.js';
export { type ClaimCheck, type ClaimCheckOptions, claimCheck } from './runtime/claim-check.js';
export type { ClaimStore, ClaimUses } from './runtime/claim-store.js';
export type { EndpointHealth } from './runtime/engine.js';
export type { Ending, EndpointInfo, Interceptor, InterceptorFactory, Passing } from './runtime/hooks.js';
export { consoleLogger, type Logger, silent } from './runtime/logger.js';
export { type MemoryClaimStore, memoryClaimStore } from './runtime/memory-claim-store.js';
export type { Ruling } from './runtime/negotiate.js';
export { type Outcome, reject, retry } from './runtime/outcome.js';
export type { Plan, PlannedPermission } from './runtime/plan.js';
export { exponential, NonRetryable, type RetryPolicy, type RetryRule } from './runtime/retry-policy.js';
export type { ConsumerStats } from './runtime/stats.js';
export type { From } from './transport/channel.js';
export type { Clock } from './transport/clock.js';
export { type ErrorCode, isMessagingError, MessagingError, type SendOutcome } from './transport/errors.js';
export type { Headers } from './transport/message.js';
export type { Permission, TransportDefinition, TransportFactory } from './transport/transport.js';
