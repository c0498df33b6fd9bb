import { createApp } from '@omnibus/core';
import { virtualClock } from '@omnibus/core/transport';
import { localConfig } from './local-config.js';
import { outsider } from './outsider.js';
import { hurried } from './real-time.js';
import { RunningTestApp } from './running-test-app.js';
import type { TestApp, TestAppOptions } from './test-app-types.js';
import { witness } from './witness.js';

const TIMEOUT_MS = 4_000;
const START_TIMEOUT_MS = 30_000; // the core's default

/**
 * Starts an app on a broker in memory, on a clock that stands still.
 * @throws MessagingError as `createApp` and `start` do; with `like`, for what that transport would refuse too.
 */
export async function testApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { like, config: given = {}, consumers, timeoutMs = TIMEOUT_MS, interceptors = [], ...others } = options;
  const clock = virtualClock();
  const seen = witness();
  const { config, broker } = localConfig(given, like, clock);
  const app = await createApp({ ...others, config, clock, interceptors: [seen.interceptor, ...interceptors] });
  consumers?.(app);
  await hurried(app.start(), timeoutMs, () => clock.advance(config.startTimeoutMs ?? START_TIMEOUT_MS));
  return new RunningTestApp({ app, broker, seen, virtual: clock, others: outsider(config, clock), config, timeoutMs });
}
