import { type BrokenLink, type Broker, type FaultHarness, testFaults } from '@omnibus/conformance';
import {
  defineTransport,
  NONE,
  type Receiver,
  type Sender,
  type Transport,
  type TransportFactory,
} from '@omnibus/core/transport';
import { describe, expect, it } from 'vitest';
import { memory, memoryBroker } from '../src/index.js';

/** The memory transport with something wrong in it. */
const broken = (wrap: (transport: Transport) => Transport) =>
  defineTransport({
    transport: 'broken',
    options: memory.options,
    create: (options, environment) => wrap(memory.create(options, environment)),
  }) as unknown as TransportFactory;

/** Says of the first batch after each reconnect that the broker has it, and drops it. */
const forgetful = broken((transport) => {
  let links = 0;
  let hasDropped = true;
  return {
    ...transport,
    async connect() {
      await transport.connect();
      hasDropped = ++links === 1;
    },
    async sender(channel): Promise<Sender> {
      const sender = await transport.sender(channel);
      const send = (batch: Parameters<Sender['send']>[0]): ReturnType<Sender['send']> => {
        if (hasDropped) return sender.send(batch);
        hasDropped = true;
        return Promise.resolve(NONE);
      };
      return { ...sender, send };
    },
  };
});

/** Acknowledges what it delivers before anybody has handled it. */
const hasty = broken((transport) => ({
  ...transport,
  async receiver(subscription): Promise<Receiver> {
    const receiver = await transport.receiver(subscription);
    return {
      ...receiver,
      async receive(max, signal) {
        const batch = await receiver.receive(max, signal);
        if (batch.length > 0) await receiver.settle(batch, { type: 'ack' });
        return batch;
      },
      settle: async () => NONE,
    };
  },
}));

/** Keeps every other batch back until the next one has left. */
const swapping = broken((transport) => ({
  ...transport,
  async sender(channel): Promise<Sender> {
    const sender = await transport.sender(channel);
    let kept: Parameters<Sender['send']>[0] | undefined;
    const send = async (batch: Parameters<Sender['send']>[0]): ReturnType<Sender['send']> => {
      const before = kept;
      kept = before === undefined ? [...batch] : undefined;
      if (before === undefined) return NONE;
      await sender.send(batch);
      return sender.send(before);
    };
    return { ...sender, send };
  },
}));

function harnessOf(factory: TransportFactory): FaultHarness {
  const shared = memoryBroker();
  const definition = () => (factory as unknown as typeof memory)({ broker: shared });
  const link: BrokenLink = {
    definition,
    cut: () => shared.disconnect(),
    cutAfterNext: async () => shared.disconnect(),
    halfOpen: () => shared.disconnect(),
    [Symbol.asyncDispose]: async () => {},
  };
  const broker: Broker = {
    definition,
    link: async () => link,
    count: async (address) => shared.inspect(address)?.messages.length,
    ids: async (address) => shared.inspect(address)?.messages.map(({ id }) => id) ?? [],
    remove: () => Promise.reject(new Error('nobody can delete a queue of the memory broker')),
    makeSmallQueue: () => Promise.reject(new Error('the memory broker has no limit for one queue')),
  };
  return {
    name: 'memory',
    factory,
    broker: async () => broker,
    ownBroker: () => Promise.reject(new Error('the memory broker cannot be killed')),
    process: () => Promise.reject(new Error('the memory broker ends with its process')),
  };
}

/** What a fault finds out about a transport. */
async function verdictOn(factory: TransportFactory, id: string): Promise<unknown> {
  let found: Promise<void> | undefined;
  const options = { only: [id], volume: 300, deadlineMs: 3_000 };
  testFaults((_, test) => void (found = test()), harnessOf(factory), options);
  return found?.then(
    () => 'holds',
    (error: unknown) => String(error),
  );
}

describe('the memory transport and its faults', () => {
  testFaults(it.concurrent, harnessOf(memory as unknown as TransportFactory), { only: ['F4', 'F5', 'F17', 'F18'] });
});

describe('the faults find', () => {
  it.concurrent('that a sender drops what it says is there', async () => {
    expect(await verdictOn(forgetful, 'F4')).toMatch(/[1-9]\d* messages were lost/);
  });

  it.concurrent('that a receiver acknowledges before the handler', async () => {
    expect(await verdictOn(hasty, 'F5')).toMatch(/[1-9]\d* messages were lost/);
  });

  it.concurrent('that a sender breaks the order of a key', async () => {
    expect(await verdictOn(swapping, 'F4')).toMatch(/[1-9]\d* messages were reordered/);
  });
});
