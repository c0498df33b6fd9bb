import type { LogClient } from '../../client.js';
import { openAdmin } from './admin.js';
import { openConsumer } from './consumer.js';
import { check } from './library.js';
import { openProducer } from './producer.js';

/** @platformatic/kafka, for which nothing but Node.js 22.22 and the package itself has to be there. */
export const platformatic: LogClient = { check, openAdmin, openProducer, openConsumer };
