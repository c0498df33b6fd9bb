import type {} from '@omnibus/brokers/vitest-setup';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['@omnibus/brokers/vitest-setup'],
    provide: { wantedBrokers: { aws: {}, kafka: {}, rabbitmq: {} } },
    testTimeout: 45_000, // each test is a process of its own, one of them waits 10 s for a broker that is not there
    hookTimeout: 100_000,
  },
});
