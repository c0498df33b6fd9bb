import type { Bench } from './bench.js';
import { kafkaConsume } from './kafka-consume.js';
import { kafkaKeys } from './kafka-keys.js';
import { kafkaPublish } from './kafka-publish.js';
import { memoryEngine } from './memory-engine.js';
import { memoryFlat } from './memory-flat.js';
import { memoryJson } from './memory-json.js';
import { memoryPublish } from './memory-publish.js';
import { rabbitmqConsume } from './rabbitmq-consume.js';
import { rabbitmqFlat } from './rabbitmq-flat.js';
import { rabbitmqLatency } from './rabbitmq-latency.js';
import { rabbitmqPublish } from './rabbitmq-publish.js';
import { sqsCalls } from './sqs-calls.js';
import { sqsConsume } from './sqs-consume.js';
import { sqsIdle } from './sqs-idle.js';
import { sqsPublish } from './sqs-publish.js';
import { sqsSlow } from './sqs-slow.js';

/** All benches, in the order in which they run. */
export const benches: readonly Bench[] = [
  memoryEngine,
  memoryJson,
  memoryPublish,
  memoryFlat,
  rabbitmqPublish,
  rabbitmqConsume,
  rabbitmqLatency,
  rabbitmqFlat,
  kafkaPublish,
  kafkaConsume,
  kafkaKeys,
  sqsConsume,
  sqsSlow,
  sqsCalls,
  sqsIdle,
  sqsPublish,
];
