import type {} from '@omnibus/brokers/vitest-setup';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['@omnibus/brokers/vitest-setup'],
    // consumer_timeout as the test of it needs it: no other test holds a delivery for so long
    provide: { wantedBrokers: { rabbitmq: { tls: 'mutual' } } },
    testTimeout: 30_000,
    hookTimeout: 100_000,
  },
});
