import { testKafka } from './support/conformance.js';

await testKafka('kafka-platformatic', 'platformatic', ', by @platformatic/kafka');
