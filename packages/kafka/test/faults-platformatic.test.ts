import { testKafkaFaults } from './support/faults.js';

testKafkaFaults('kafka-platformatic', 'platformatic');
