import { defineTransport } from '@omnibus/core/transport';
import { options, type RabbitMqOptions, type ResolvedOptions } from './options.js';
import { rabbitMqTransport } from './rabbitmq.js';

export type { RabbitMqMessage } from './client.js';
export type { RabbitMqOptions } from './options.js';

/** The RabbitMQ transport: queues and topics over AMQP 0-9-1, RabbitMQ 3.10 or newer. */
export const rabbitmq = defineTransport<RabbitMqOptions, ResolvedOptions>({
  transport: 'rabbitmq',
  options,
  create: rabbitMqTransport,
});
