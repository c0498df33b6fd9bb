import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['packages/*', 'tools/{bench,brokers,checks}', 'examples/*'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/.cache/**'],
    reporters: ['default', './tools/count-reporter.mjs'],
  },
});
