import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['packages/*', 'tools/{brokers,bench}', 'examples/*'],
    passWithNoTests: true,
    reporters: ['default', './tools/count-reporter.mjs'],
  },
});
