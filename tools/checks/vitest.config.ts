import { defineConfig } from 'vitest/config';

// What the docs check extracts lies in `.cache`, and may be named as a test.
export default defineConfig({ test: { exclude: ['**/node_modules/**', '.cache/**'] } });
