import type { Environment, Transport } from '@omnibus/core/transport';
import { memoryCapabilities } from './capabilities.js';
import { memoryError, notNative } from './errors.js';
import type { Link } from './link.js';
import { brokerOf, type ResolvedOptions } from './options.js';
import { memoryReceiver } from './receiver.js';
import { memorySender } from './sender.js';
import { Builder } from './topology.js';

/** The transport of one application to a memory broker. Throws CONFIG for options that cannot be meant. */
export function memoryTransport(options: ResolvedOptions, { clock }: Environment): Transport {
  const broker = brokerOf(options);
  broker.adopt(clock);
  const capabilities = memoryCapabilities(options);
  const builder = new Builder(broker, options, capabilities);
  let link: Link | undefined;
  const linked = (): Link => {
    if (link === undefined) throw memoryError('CONNECTION', 'not connected yet');
    link.check();
    return link;
  };

  return {
    system: 'memory',
    kinds: ['queue', 'topic', 'stream'],
    capabilities,
    async connect() {
      if (link?.open !== true) link = broker.connect();
    },
    async provision(topology, mode) {
      return builder.provision(topology, linked(), mode);
    },
    async sender(channel) {
      return memorySender(broker, linked(), channel.address, capabilities(channel));
    },
    async receiver(subscription) {
      const { address } = subscription;
      const able = capabilities(subscription);
      if (able.native.receive === undefined) throw notNative('receive', `a receiver of '${address}'`);
      const group = builder.groupOf(subscription, linked());
      return memoryReceiver({ clock: broker.clock, link: linked(), group, address, capabilities: able, lockMs: options.lockMs });
    },
    async health() {
      const why = link === undefined ? 'not connected yet' : (link.failure?.message ?? broker.faults.blockedWhat);
      return { ok: why === undefined, why };
    },
    async close() {
      link?.end(memoryError('CLOSED', 'the transport is closed'), false);
    },
  };
}
