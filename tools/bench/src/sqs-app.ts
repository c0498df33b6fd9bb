import type { App, Channel } from '@omnibus/core';
import { sqs } from '@omnibus/sqs';
import { startApp } from './app.js';
import { type Engine, SqsBroker } from './sqs-broker.js';
import { SqsRaw } from './sqs-raw.js';

/** Both sides of a comparison on SQS, and the SQS. */
export interface SqsSides {
  readonly app: App;
  readonly raw: SqsRaw;
  readonly broker: SqsBroker;
}

/** A long poll's length, which is what a stop waits for; a queue that has messages is not asked longer than for these. */
const WAIT_MS = 1_000;

/** Our end of it: a running app on that SQS. */
export function startSqsApp({ endpoint }: SqsBroker, channel: Channel, handler?: object, waitMs = WAIT_MS): Promise<App> {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  return startApp(sqs({ region: 'us-east-1', endpoint, credentials, waitMs }), [channel], handler);
}

/** Starts an SQS of one's own, opens both sides, and runs. */
export async function onSqs<T>(
  engine: Engine,
  channel: Channel,
  handler: object | undefined,
  run: (sides: SqsSides) => Promise<T>,
): Promise<T> {
  await using broker = await SqsBroker.start(engine);
  using raw = await SqsRaw.open(broker.endpoint);
  await using app = await startSqsApp(broker, channel, handler);
  return await run({ app, raw, broker });
}
