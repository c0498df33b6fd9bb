// Entry "@omnibus/core": what an application says.
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
export { consoleLogger, type Logger, silent } from './runtime/logger.js';
export { type Outcome, reject, retry } from './runtime/outcome.js';
export { exponential, NonRetryable, type RetryPolicy, type RetryRule } from './runtime/retry-policy.js';
export { type ErrorCode, isMessagingError, MessagingError, type SendOutcome } from './transport/errors.js';
