import { testKafkaFaults } from './support/faults.js';

testKafkaFaults('kafka', 'kafkajs');
