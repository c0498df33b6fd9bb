import type { Broker, FaultHarness, OwnBroker } from '@omnibus/conformance';
import type { Aws } from '../aws.js';
import { startOwn } from '../broker.js';
import { brokenLink, brokenLogin, type Define } from './broken-link.js';
import { plainQueues } from './plain-queues.js';
import type { AwsSubject } from './subject.js';

/** A message that nobody renews comes again after so long. */
const LOCK_MS = 5_000;

/** Short waits, so that a silent call is noticed within a test's patience. */
const SHORT = { waitMs: 1_000, callTimeoutMs: 2_000, visibilityMs: LOCK_MS };

const EMULATOR =
  'F1 and F2 stop and kill the emulator, whose queues and messages in flight outlive it, but not its deduplication window; SQS itself never stops as a whole. F11 to F13 are answered by a proxy in front of it, as AWS words them. A FIFO queue gives out one message of a key at a time, SQS up to ten.';

/** What the faults of every transport on AWS have in common. */
export function faultHarness(found: Aws, subject: AwsSubject) {
  const aws = brokerAt(found, subject);
  const harness = {
    runOn: `${found.version ?? 'AWS'}, ${found.how}`,
    ...(found.how === 'embedded' ? { emulator: EMULATOR } : {}),
    linkless: true,
    silenceMs: LOCK_MS,
    broker: async () => aws,
    ownBroker: () => ownBroker(subject),
  } satisfies Partial<FaultHarness>;
  return { harness, close: () => aws.close() };
}

/** The AWS at this endpoint, by plain calls. */
function brokerAt(
  { url, region, credentials }: Pick<Aws, 'url' | 'region' | 'credentials'>,
  subject: AwsSubject,
): Broker & { close(): void } {
  const define: Define = (endpoint, own) => subject.define({ endpoint, region, credentials: own ?? credentials, ...SHORT });
  return {
    ...plainQueues({ url, region, credentials }, subject),
    definition: () => define(url),
    link: () => brokenLink(url, define),
    login: () => brokenLogin(url, define),
  };
}

/** An AWS of one's own, or why there is none to be had. */
async function ownBroker(subject: AwsSubject): Promise<OwnBroker | { readonly notRun: string }> {
  const found = await startOwn('aws');
  if (!found.available) return { notRun: found.reason };
  const { control } = found;
  if (control === undefined) return { notRun: 'this AWS is not ours to break' };
  const broker = brokerAt(found, subject);
  return {
    ...broker,
    restart: () => control.restart(),
    kill: () => control.kill(),
    async freeze() {
      await control.pause();
      return () => control.resume();
    },
    blockPublishers: () => Promise.reject(new Error('AWS blocks no publishers')),
    settle: async () => {}, // what it answered is in its file
    async [Symbol.asyncDispose]() {
      broker.close();
      await found.dispose();
    },
  };
}
