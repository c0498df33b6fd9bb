import { AwsFaultProxy, awsFaults, broker } from '@omnibus/brokers';
import { systemClock, type Transport } from '@omnibus/core/transport';
import { afterAll, onTestFinished } from 'vitest';
import { sqs } from '../src/index.js';
import { DEFAULTS, type ResolvedOptions } from '../src/options.js';

const found = await broker('aws');

/** Behind the name of a suite that could not be run. */
export const notRun = found.available ? '' : ` [not run: ${found.reason}]`;

/** In front of the emulator, so that tests see what is called, and may have it answered otherwise. */
export const proxy = await AwsFaultProxy.inFrontOf(found.available ? found.url : 'http://127.0.0.1:9');

/** Every call until now, and the queue that it was about. */
export const calls: (readonly [operation: string, queue: string])[] = [];
proxy.inject(({ operation, input }) => {
  calls.push([
    operation,
    String(input['QueueName'] ?? input['QueueUrl'])
      .split('/')
      .at(-1)!,
  ]);
  return false; // the call goes on
}, awsFaults.reset);

/** How one reaches it. */
export const reach = {
  endpoint: proxy.url,
  region: found.available ? found.region : 'us-east-1',
  credentials: found.available ? found.credentials : { accessKeyId: 'test', secretAccessKey: 'test' },
};

afterAll(async () => {
  await proxy.close();
  if (found.available) await found.dispose();
});

let instances = 0;

/** A connected transport of this test, closed when the test is over. */
export async function connected(options: Partial<ResolvedOptions> = {}): Promise<Transport> {
  const environment = { service: 'tests', instance: `tests-${instances++}`, clock: systemClock };
  const transport = sqs.create({ ...DEFAULTS, ...reach, waitMs: 1_000, ...options }, environment);
  onTestFinished(() => transport.close());
  await transport.connect();
  return transport;
}

/** A name that no other test has. */
export const unique = (name: string): string => `${name}-${process.pid}-${instances++}`;
