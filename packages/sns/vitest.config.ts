import type {} from '@omnibus/brokers/vitest-setup';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['@omnibus/brokers/vitest-setup'],
    provide: { wantedBrokers: { aws: {} } },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
