import { defineConfig } from 'vitest/config';
import type {} from './src/vitest-setup.js';

export default defineConfig({
  test: {
    globalSetup: ['./src/vitest-setup.ts'],
    provide: { wantedBrokers: { aws: {}, kafka: {}, rabbitmq: {} } },
    testTimeout: 60_000, // a RabbitMQ needs 5 s to start, more on a busy machine
    hookTimeout: 100_000,
  },
});
