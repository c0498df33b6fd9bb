import { setTimeout } from 'node:timers/promises';
import { type BrokenLink, type Broker, type FaultHarness, testFaults } from '@omnibus/conformance';
import {
  type Channel,
  defineTransport,
  type Message,
  NONE,
  type Receiver,
  type Sender,
  type Subscription,
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
      const send = (batch: readonly Message[]): ReturnType<Sender['send']> => {
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

/** More than the keys of a run: what is kept back so long is overtaken by a later message of its key. */
const KEPT = 80;

/** Keeps every other batch back until many messages have overtaken it. */
const overtaken = broken((transport) => {
  let calls = 0;
  let kept: Message[] = [];
  const sender = async (channel: Channel): Promise<Sender> => {
    const end = await transport.sender(channel);
    const send = async (batch: readonly Message[]): ReturnType<Sender['send']> => {
      if (++calls % 2 > 0) return end.send(batch);
      kept.push(...batch);
      if (kept.length < KEPT) return NONE;
      const late = kept;
      kept = [];
      return end.send(late);
    };
    return { ...end, send };
  };
  return { ...transport, sender };
});

/** As many as the handlers of the slow consumer, so that it is gone when all of them stand still. */
const CREDIT = 8;

/** All its receivers have one credit: who holds it all keeps the others waiting. */
const sharing = broken((transport) => {
  let held = 0;
  const receiver = async (subscription: Subscription): Promise<Receiver> => {
    const end = await transport.receiver(subscription);
    return {
      ...end,
      async receive(max, signal) {
        while (held >= CREDIT && !signal.aborted) await setTimeout(1);
        const batch = await end.receive(max, signal);
        held += batch.length;
        return batch;
      },
      async settle(batch, verdict) {
        held -= batch.length;
        return end.settle(batch, verdict);
      },
    };
  };
  return { ...transport, receiver };
});

/** A broker for one fault: `disconnect` cuts every link to it. */
function brokerFor(factory: TransportFactory): Broker {
  const own = memoryBroker();
  const definition = () => (factory as unknown as typeof memory)({ broker: own });
  const link: BrokenLink = {
    definition,
    cut() {
      own.disconnect();
      return 1;
    },
    cutAfterNext: async () => own.disconnect(),
    halfOpen: () => own.disconnect(),
    [Symbol.asyncDispose]: async () => {},
  };
  return {
    definition,
    link: async () => link,
    count: async (address) => own.inspect(address)?.messages.length,
    ids: async (address) => own.inspect(address)?.messages.map(({ id }) => id) ?? [],
    remove: () => Promise.reject(new Error('nobody can delete a queue of the memory broker')),
  };
}

function harnessOf(factory: TransportFactory): FaultHarness {
  return {
    name: 'memory',
    runOn: 'a broker in this process',
    silenceMs: 60_000,
    factory,
    broker: async () => brokerFor(factory),
    ownBroker: async () => ({ notRun: 'the memory broker cannot be killed' }),
    process: () => Promise.reject(new Error('the memory broker ends with its process')),
  };
}

/** What a fault finds out about a transport. */
async function verdictOn(factory: TransportFactory, id: string): Promise<unknown> {
  let found: Promise<void> | undefined;
  const options = { only: [id], volume: 300, deadlineMs: 6_000, kept: false };
  const skip = (reason: string): never => {
    throw new Error(reason);
  };
  testFaults((_, test) => void (found = test({ skip })), harnessOf(factory), options);
  return found?.then(
    () => 'holds',
    (error: unknown) => String(error),
  );
}

describe('the memory transport and its faults', () => {
  testFaults(it.concurrent, harnessOf(memory), { only: ['F4', 'F5', 'F17', 'F18'], kept: false });
});

describe('the faults find', () => {
  it.concurrent('that a sender drops what it says is there', async () => {
    expect(await verdictOn(forgetful, 'F4')).toMatch(/[1-9]\d* messages were lost/);
  }, 60_000);

  it.concurrent('that a receiver acknowledges before the handler', async () => {
    expect(await verdictOn(hasty, 'F5')).toMatch(/[1-9]\d* messages were lost/);
  }, 60_000);

  it.concurrent('that a slow consumer holds up another channel', async () => {
    expect(await verdictOn(sharing, 'F17')).toContain('it did not come true that the other channel is handled');
  }, 60_000);

  it.concurrent('that a sender breaks the order of a key', async () => {
    expect(await verdictOn(overtaken, 'F4')).toMatch(/[1-9]\d* messages were reordered/);
  }, 60_000);
});
