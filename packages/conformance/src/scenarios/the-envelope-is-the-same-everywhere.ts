import { deepEqual, equal } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { ACK, type Channel, type Delivery, type Message, type Subscription, type Transport } from '@omnibus/core/transport';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const BODY_BYTES = 64 * 1024;

const text = (body: string): Uint8Array => Uint8Array.from(Buffer.from(body));

/** A message with nothing that it could do without. */
const bare: Message = {
  id: 'bare',
  type: 'conformance.envelope',
  time: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  contentType: 'application/json',
  body: text('{}'),
  headers: {},
  key: undefined,
  correlationId: undefined,
  replyTo: undefined,
  delayMs: 0,
  expiresAt: Number.POSITIVE_INFINITY,
  priority: 0,
};

const MESSAGES: readonly Message[] = [
  bare,
  {
    ...bare,
    id: 'everything',
    body: text(' {"b" : 1.0,\n"a":"\\u00e4", "b":2 }\n'), // bytes that no JSON writer would write again
    headers: {
      tenant: 'acmé €',
      'ce-source': 'billing',
      'ce-causationid': 'cause',
      'omnibus-attempts': '2',
      traceparent: '00-1-2-01',
    },
    key: 'schlüssel 1',
    correlationId: 'first of all',
    replyTo: 'billing.replies.1',
    expiresAt: Date.UTC(2126, 0, 1),
  },
  { ...bare, id: 'bytes', contentType: 'application/octet-stream', body: Uint8Array.from(randomBytes(BODY_BYTES)) },
  { ...bare, id: 'text', contentType: 'text/plain; charset=utf-8', body: text('grüße, 世界 \u0000 "') },
  { ...bare, id: 'json that is none', body: text('{"broken":') },
  { ...bare, id: 'nothing', contentType: 'application/octet-stream', body: new Uint8Array(0) },
];

/** The transports themselves, without a core around them: from this broker to another and back, each hop sends on what it received. */
export const theEnvelopeIsTheSameEverywhere: Scenario = {
  check: 89,
  title: 'the envelope is the same on every broker',
  async run(world) {
    const { own, other } = world.ways;
    const here = await hop(world, await world.transport(own), 'here');
    const there = await hop(world, await world.transport(other), 'there');
    const back = await hop(world, await world.transport(own), 'back');
    try {
      for (const message of MESSAGES) {
        const first = await here.pass(message);
        const second = await there.pass(first);
        const third = await back.pass(second);
        for (const arrived of [first, second, third]) {
          equal(Buffer.compare(arrived.body, message.body), 0, `the body of "${message.id}" is another`);
          deepEqual(arrived, message);
        }
      }
    } finally {
      for (const each of [here, there, back]) await each.close();
    }
  },
};

interface Hop {
  /** Sends a message and receives it. */
  pass(message: Message): Promise<Message>;
  close(): Promise<void>;
}

async function hop(world: World, transport: Transport, name: string): Promise<Hop> {
  const channel = plainQueue(world.queue(name, { messages: [] }).name);
  const subscription = subscriptionOf(channel);
  await transport.connect();
  await transport.provision({ channels: [channel], subscriptions: [subscription], deadLetters: [], retries: [] }, 'create');
  const sender = await transport.sender(channel);
  const receiver = await transport.receiver(subscription);
  return {
    async pass(message) {
      deepEqual(await sender.send([message]), []);
      const received: Delivery[] = [];
      const never = new AbortController();
      await world.until(`"${message.id}" arrives`, async () => {
        received.push(...(await receiver.receive(1, never.signal)));
        return received.length > 0;
      });
      deepEqual(await receiver.settle(received, ACK), []);
      equal(received.length, 1);
      return messageIn(received[0]!);
    },
    async close() {
      await receiver.close();
      await sender.close();
      await transport.close();
    },
  };
}

/** What a delivery has of its message, without what one client library's objects are. */
const messageIn = (delivery: Delivery): Message => ({
  id: delivery.id,
  type: delivery.type,
  time: delivery.time,
  contentType: delivery.contentType,
  body: Uint8Array.from(delivery.body),
  headers: { ...delivery.headers },
  key: delivery.key,
  correlationId: delivery.correlationId,
  replyTo: delivery.replyTo,
  delayMs: delivery.delayMs,
  expiresAt: delivery.expiresAt,
  priority: delivery.priority,
});

const plainQueue = (address: string): Channel => ({
  name: address,
  address,
  kind: 'queue',
  ordered: false,
  temporary: false,
  types: ['conformance.envelope'],
  maxDelayMs: 0,
  priorities: 0,
});

const subscriptionOf = (channel: Channel): Subscription => ({
  channel,
  group: undefined,
  address: channel.address,
  types: channel.types,
  filter: undefined,
  from: 'next',
  ordered: false,
  window: 1,
  exclusive: false,
  temporary: false,
  deadLetter: undefined,
  crashLimit: 70,
});
