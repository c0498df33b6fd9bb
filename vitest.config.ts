import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['packages/*', 'tools/{bench,brokers,checks}', 'examples/*'],
    reporters: ['default', './tools/count-reporter.mjs'],
  },
});
