import { defineTransport } from '@omnibus/core/transport';
import { options, type ResolvedOptions, type SnsOptions } from './options.js';
import { snsTransport } from './sns.js';

export { type HandedPost, type SnsEndpoint, snsEndpoint } from './http/door.js';
export type { EndpointOptions } from './http/options.js';
export type { EndpointStats, HttpReply } from './http/reply.js';
export type { SnsOptions, TopicEndpoint } from './options.js';

/** The SNS and SQS transport: queues, FIFO queues, and topics with groups. */
export const sns = defineTransport<SnsOptions, ResolvedOptions>({ transport: 'sns', options, create: snsTransport });
