import type { LogClient } from '../../client.js';
import { openAdmin } from './admin.js';
import { checkCodec } from './codecs.js';
import { openConsumer } from './consumer.js';
import { openProducer } from './producer.js';

/** kafkajs: pure JavaScript, its last release is of 2023. */
export const kafkajs: LogClient = { check: checkCodec, openAdmin, openProducer, openConsumer };
