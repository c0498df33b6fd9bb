import type { Capabilities } from '@omnibus/core/transport';
import { defineTransport, type Transport } from '@omnibus/core/transport';
import { memoryCapabilities } from '@omnibus/memory/capabilities';

/** Options of a broker that tests take on the limits of. */
export interface OtherOptions {
  readonly url: string;
  readonly tier?: 'small' | 'large';
}

/** A transport that nobody can connect to: queues of small messages, no delays, no filter, sends that wait for company. */
export const other = defineTransport<OtherOptions>({
  transport: 'other',
  options: {
    url: { type: 'string', required: true, description: 'Where it is.' },
    tier: { type: 'string', values: ['small', 'large'], default: 'small', description: 'How much it takes.' },
  },
  create: ({ tier }): Transport => ({
    system: 'other_mq',
    kinds: ['queue'],
    capabilities(endpoint): Capabilities {
      const { native, limits } = memoryCapabilities()(endpoint);
      const { delay: _, retryDelay: __, ...left } = native;
      const sendBytes = tier === 'small' ? 8_192 : 65_536;
      return {
        native: left,
        limits: { ...limits, sendBytes, lingerMs: 1_000, delayStepMs: 1_000 },
        caveats: ['other: slow on Mondays'],
      };
    },
    connect: () => Promise.reject(new Error('nobody connects to it')),
    provision: () => Promise.reject(new Error('nobody connects to it')),
    sender: () => Promise.reject(new Error('nobody connects to it')),
    receiver: () => Promise.reject(new Error('nobody connects to it')),
    health: () => Promise.resolve({ ok: false, why: 'nobody connects to it' }),
    close: async () => {},
  }),
});
