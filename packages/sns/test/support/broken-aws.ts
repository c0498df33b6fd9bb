import { type Aws, startOwn } from '@omnibus/brokers';
import type { Broker, OwnBroker } from '@omnibus/conformance';
import { type SnsOptions, sns } from '../../src/index.js';
import { brokenLink, brokenLogin, type Define } from './broken-link.js';
import { plainQueues } from './plain-queues.js';

/** A message that nobody renews comes again after so long. */
export const LOCK_MS = 5_000;

/** Short waits, so that a silent call is noticed within a test's patience. */
const SHORT = { waitMs: 1_000, callTimeoutMs: 2_000, visibilityMs: LOCK_MS };

/** The transport's own timeouts; a stop still waits for open polls only as long as a test has patience. */
const PATIENT = { waitMs: SHORT.waitMs };

/** The AWS at this endpoint, by plain calls. */
export function brokerAt({ url, region, credentials }: Pick<Aws, 'url' | 'region' | 'credentials'>): Broker & { close(): void } {
  const defineBy =
    (timeouts: Partial<typeof SHORT>): Define =>
    (endpoint, own) =>
      sns({ endpoint, region, credentials: own ?? credentials, ...timeouts } satisfies SnsOptions);
  const define = defineBy(SHORT);
  return {
    ...plainQueues({ endpoint: url, region, credentials }),
    definition: () => define(url),
    link: ({ patient } = { patient: false }) => brokenLink(url, patient ? defineBy(PATIENT) : define),
    login: () => brokenLogin(url, define),
  };
}

/** An AWS of one's own, or why there is none to be had. */
export async function ownBroker(): Promise<OwnBroker | { readonly notRun: string }> {
  const found = await startOwn('aws');
  if (!found.available) return { notRun: found.reason };
  const { control } = found;
  if (control === undefined) return { notRun: 'this AWS is not ours to break' };
  const { close, ...broker } = brokerAt(found);
  return {
    ...broker,
    restart: () => control.restart(),
    kill: () => control.kill(),
    async freeze() {
      await control.pause();
      return () => control.resume();
    },
    blockPublishers: () => Promise.reject(new Error('SNS blocks no publishers')),
    settle: async () => {}, // what it answered is in its file
    async [Symbol.asyncDispose]() {
      close();
      await found.dispose();
    },
  };
}
