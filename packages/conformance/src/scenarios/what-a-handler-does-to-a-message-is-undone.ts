import { deepEqual, equal } from 'node:assert/strict';
import { exponential, message, type RetryPolicy } from '@omnibus/core';
import { Bytes, shape, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

interface Order {
  id: number;
  lines: string[];
}

const OrderPlaced = message('conformance.order-to-change', shape<Order>());
const HEADERS = { tenant: 'acme', region: 'eu' };
const BODY = [0, 1, 2, 250];
const once: RetryPolicy = exponential({ attempts: 1 });
const later: RetryPolicy = exponential({ attempts: 2, firstMs: 1_050, maxMs: 1_050, jitter: 'none' });

/** A handler writes into payload, bytes and headers, and fails. The next attempt, and the dead letter, are as they were sent. */
export const whatAHandlerDoesToAMessageIsUndone: Scenario = {
  check: 35,
  title: 'what a handler does to payload and headers is undone before the next attempt',
  async run(world) {
    await Promise.all([changed(world, 'soon', soon), changed(world, 'later', later), changed(world, 'once', once)]);
  },
};

async function changed(world: World, name: string, retry: RetryPolicy): Promise<void> {
  const Mixed = world.queue(name, { messages: [OrderPlaced, Bytes] });
  const Dead = world.deadLetters(Mixed);
  const service = await world.service({ producers: [Mixed] });
  const seen = world.journal<unknown>('the number of attempts');
  const spoil = (headers: Readonly<Record<string, string>>): void => {
    try {
      Object.assign(headers, { tenant: 'nobody', more: 'more' });
    } catch {
      // frozen: as good
    }
  };
  service
    .consumer(Mixed, { retry })
    .handle(OrderPlaced, (order, { headers }) => {
      seen.add([structuredClone(order), { ...headers }]);
      order.id = -1;
      order.lines.push('spoilt');
      spoil(headers);
      throw new Error('it always fails');
    })
    .handle(Bytes, (bytes, { headers }) => {
      seen.add([[...bytes], { ...headers }]);
      bytes.fill(255);
      spoil(headers);
      throw new Error('it always fails');
    });
  const undertaker = await world.service();
  const dead = world.journal<unknown>('the number of dead letters');
  undertaker
    .consumer(Dead)
    .handle(OrderPlaced, (order, { headers }) => dead.add([order, { ...headers }]))
    .handle(Bytes, (bytes, { headers }) => dead.add([[...bytes], { ...headers }]));
  await world.start(undertaker, service);

  const order = { id: 1, lines: ['a', 'b'] };
  const cases = [
    { send: () => service.producer(Mixed).send(OrderPlaced, order, { headers: HEADERS }), sent: [order, HEADERS] },
    { send: () => service.producer(Mixed).send(Bytes, new Uint8Array(BODY), { headers: HEADERS }), sent: [BODY, HEADERS] },
  ];
  for (const [index, { send, sent }] of cases.entries()) {
    const before = seen.all.length;
    await send();
    await dead.reaches(index + 1);
    const attempts = seen.all.slice(before);
    equal(attempts.length, retry.attempts);
    for (const attempt of attempts) deepEqual(attempt, sent, 'every attempt sees what was sent');
    deepEqual(dead.all[index], sent, 'and so does whoever reads the dead letter');
  }
}
