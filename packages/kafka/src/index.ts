import { defineTransport } from '@omnibus/core/transport';
import { kafkaTransport } from './kafka.js';
import { type KafkaOptions, options, type ResolvedOptions } from './options.js';

export type { KafkaOptions, TokenProvider, TopicOptions } from './options.js';

/** The Kafka transport: queues, topics and streams on Apache Kafka 2.4 or newer. */
export const kafka = defineTransport<KafkaOptions, ResolvedOptions>({ transport: 'kafka', options, create: kafkaTransport });
