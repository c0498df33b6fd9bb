import { afterEach } from 'vitest';
import { type TestApp, type TestAppOptions, testApp } from '../src/index.js';

const running: TestApp[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.stop()));
});

/** A test app that is stopped when its test is over. */
export async function started(options?: TestAppOptions): Promise<TestApp> {
  const app = await testApp(options);
  running.push(app);
  return app;
}
