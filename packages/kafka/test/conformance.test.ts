import { testKafka } from './support/conformance.js';

await testKafka('kafka', 'kafkajs');
