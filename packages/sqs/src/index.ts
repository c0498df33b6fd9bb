import { defineTransport } from '@omnibus/core/transport';
import { type ResolvedOptions, type SqsOptions, sqsOptionSpecs } from './options.js';
import { sqsTransport } from './sqs.js';

// For @omnibus/sns, which receives by this transport and speaks the same wire.
export { openAws } from './aws.js';
export { batchSender, type Sending } from './batch-sender.js';
export type { SqsMessage } from './client.js';
export { within } from './deadline.js';
export { deduplicationOf, groupOf } from './ids.js';
export { type MessageMove, startMessageMove } from './message-move.js';
export { addressOf, backstopOf, queueName } from './names.js';
export {
  type AwsCredentials,
  type AwsOptions,
  DEFAULTS,
  type ResolvedOptions,
  type SqsOptions,
  sqsOptionSpecs,
} from './options.js';
export { partitionOf } from './queues.js';
export { type OpenClient, sqsTransport } from './sqs.js';
export { type Silence, unanswered } from './unanswered.js';
export { type Attributes, fromWire, TRACE_HEADER, toWire, type WireMessage } from './wire.js';

/** The SQS transport: standard and FIFO queues. Topics need `@omnibus/sns`. */
export const sqs = defineTransport<SqsOptions, ResolvedOptions>({
  transport: 'sqs',
  options: sqsOptionSpecs,
  create: (options, environment) => sqsTransport(options, environment),
});
