import { type Controls, testTransport } from '@omnibus/conformance';
import { type Channel, fromBinary, systemClock, type Topology, type Transport } from '@omnibus/core/transport';
import { it } from 'vitest';
import { type MemoryOptions, memory, memoryBroker } from '../src/index.js';

const LOCK_MS = 300;
const broker = memoryBroker({ clock: systemClock });

testTransport(it, {
  name: 'memory',
  broker: 'in this process',
  factory: memory,
  definition: () => memory({ broker }),
  controls: {
    async publishForeign(address, { body, contentType, headers }) {
      const attributes = contentType === undefined ? headers : { ...headers, 'content-type': contentType };
      await using foreign = await link();
      const sender = await foreign.transport.sender(queueAt(address));
      const [failure] = await sender.send([fromBinary(attributes, body)]);
      if (failure !== undefined) throw failure.error;
    },
    async count(address) {
      const { ready = 0, unsettled = 0, delayed = 0 } = broker.inspect(address) ?? {};
      return ready + unsettled + delayed;
    },
    async due(address) {
      return (broker.inspect(address)?.due ?? []).toSorted((one, other) => one - other);
    },
    shortLock: { lockMs: LOCK_MS, definition: () => memory({ broker, lockMs: LOCK_MS }) },
    async makeSmallQueue(address, maxMessages) {
      await using admin = await link({ maxMessages });
      const topology: Topology = { channels: [queueAt(address)], subscriptions: [], deadLetters: [], retries: [] };
      await admin.transport.provision(topology, 'create');
    },
    async holdSends(address) {
      broker.block(address);
      return { release: async () => broker.unblock(address) };
    },
    async cutLinks() {
      broker.refuse(true);
      broker.disconnect();
      return { restore: async () => broker.refuse(false) };
    },
  } satisfies Controls,
});

/** A link of our own, beside those of the services. */
async function link(options: MemoryOptions = {}): Promise<{ readonly transport: Transport } & AsyncDisposable> {
  const { create } = memory;
  const environment = { service: 'harness', instance: 'harness', clock: systemClock };
  const transport = create(
    { lockMs: 30_000, partitions: 1, maxMessages: 1_000_000, without: [], ...options, broker },
    environment,
  );
  await transport.connect();
  return { transport, [Symbol.asyncDispose]: () => transport.close() };
}

const queueAt = (address: string): Channel => ({
  name: address,
  address,
  kind: 'queue',
  ordered: false,
  temporary: false,
  types: [],
  groups: [],
  maxDelayMs: 0,
  priorities: 0,
});
