import { type Capabilities, type Delivery, defineTransport, type Feature, NONE } from '@omnibus/core/transport';
import type { Harness } from '../src/harness.js';

const UNLIMITED = Number.POSITIVE_INFINITY;

interface PaperOptions {
  readonly native: readonly Feature[];
}

/** A transport that can do what it is told to say, and takes every message without ever giving one. */
const paper = defineTransport<PaperOptions>({
  transport: 'paper',
  options: { native: { type: 'strings', description: 'What it says that it can do.' } },
  create({ native }) {
    const capabilities: Capabilities = {
      native: Object.fromEntries(native.map((feature) => [feature, UNLIMITED])),
      limits: {
        sendBatch: 100,
        sendBytes: UNLIMITED,
        receiveBatch: 100,
        receiveCalls: 1,
        settleBatch: 100,
        delayStepMs: 0,
        batchFailure: 'each',
        headers: { count: UNLIMITED, bytes: UNLIMITED, name: /^/, empty: true },
        body: 'bytes',
        lingerMs: 0,
      },
      caveats: [],
    };
    return {
      system: 'paper',
      kinds: ['queue'],
      capabilities: () => capabilities,
      connect: async () => {},
      provision: async () => [],
      sender: async () => ({ send: async () => NONE, close: async () => {} }),
      receiver: async () => ({
        receive: (_, signal) =>
          new Promise<readonly Delivery[]>((resolve) => {
            signal.addEventListener('abort', () => resolve([]), { once: true });
          }),
        settle: async () => NONE,
        close: async () => {},
      }),
      health: async () => ({ ok: true, why: undefined }),
      close: async () => {},
    };
  },
});

const EVERYTHING: readonly Feature[] = ['receive', 'settleEach', 'retry', 'retryDelay', 'release', 'durable', 'headers'];

/** A harness of paper that can do everything but these. */
export const harnessWithout = (...features: readonly Feature[]): Harness => ({
  name: 'paper',
  broker: 'paper',
  factory: paper,
  definition: () => paper({ native: EVERYTHING.filter((feature) => !features.includes(feature)) }),
  deadlineMs: 300,
});
