import type { Controls } from '@omnibus/conformance';
import {
  type Channel,
  fromBinary,
  type Headers,
  type Message,
  systemClock,
  type Topology,
  type Transport,
} from '@omnibus/core/transport';
import { type MemoryBroker, type MemoryOptions, memory } from '../src/index.js';

const SHORT_LOCK_MS = 300;

/** Where the core parks what a broker without delays cannot keep: `<address>.wait.<step>s`. */
const PARKING_STEPS_S = [1, 10, 60, 600, 3_600, 43_200];

/** When a parked message is due; its header may be packed with others. */
function parkedUntil({ headers }: Message): number {
  const packed = headers['omnibus-headers'];
  const all = packed === undefined ? headers : { ...headers, ...(JSON.parse(packed) as Headers) };
  return Number(all['omnibus-due']);
}

/** What the suite may do to a memory broker besides using the transport. */
export function memoryControls(broker: MemoryBroker): Controls {
  /** A link of our own, beside those of the services. */
  const link = async (options: MemoryOptions = {}): Promise<{ readonly transport: Transport } & AsyncDisposable> => {
    const resolved = { lockMs: 30_000, partitions: 1, maxMessages: 1_000_000, without: [], ...options, broker };
    const transport = memory.create(resolved, { service: 'harness', instance: 'harness', clock: systemClock });
    await transport.connect();
    return { transport, [Symbol.asyncDispose]: () => transport.close() };
  };
  return {
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
      const parked = PARKING_STEPS_S.flatMap(
        (step) => broker.inspect(`${address}.wait.${step}s`)?.messages.map(parkedUntil) ?? [],
      );
      return [...(broker.inspect(address)?.due ?? []), ...parked].toSorted((one, other) => one - other);
    },
    shortLock: { lockMs: SHORT_LOCK_MS, definition: () => memory({ broker, lockMs: SHORT_LOCK_MS }) },
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
    async denyCreation() {
      broker.denyCreation(true);
      return { restore: async () => broker.denyCreation(false) };
    },
  };
}

const queueAt = (address: string): Channel => ({
  name: address,
  address,
  kind: 'queue',
  ordered: false,
  temporary: false,
  types: [],
  maxDelayMs: 0,
  priorities: 0,
});
