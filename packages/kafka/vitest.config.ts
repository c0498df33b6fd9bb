import type {} from '@omnibus/brokers/vitest-setup';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['@omnibus/brokers/vitest-setup'],
    provide: { wantedBrokers: { kafka: { links: 24 } } },
    testTimeout: 30_000,
    hookTimeout: 100_000,
  },
});
