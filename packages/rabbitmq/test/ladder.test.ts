import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Declaration } from '../src/declaration.js';
import { DUE, dueKey, LONGEST_DELAY_MS, ladderDeclarations, ladderEntry, queueTarget, topicTarget } from '../src/ladder.js';

/** Whether a topic exchange would route this key by that binding (RabbitMQ, Topics: `*` one word, `#` any number of them). */
function matches(pattern: readonly string[], key: readonly string[]): boolean {
  const [word, ...rest] = pattern;
  if (word === undefined) return key.length === 0;
  if (word === '#') return matches(rest, key) || (key.length > 0 && matches(pattern, key.slice(1)));
  return key.length > 0 && (word === '*' || word === key[0]) && matches(rest, key.slice(1));
}

/** Where a publish ends up, and after which time: the declarations, carried out. */
function walk(declarations: readonly Declaration[], exchange: string, routingKey: string): { queues: string[]; seconds: number } {
  const key = routingKey.split('.');
  const bindings = declarations.filter((declaration) => declaration.object === 'binding');
  const route = (source: string): string[] => {
    const bound = bindings.filter((binding) => binding.source === source && matches(binding.key.split('.'), key));
    return bound.flatMap((binding) => (binding.of === 'queue' ? [binding.name] : route(binding.name)));
  };
  let seconds = 0;
  let queues = route(exchange);
  for (;;) {
    const [first] = queues;
    const queue = declarations.find((declaration) => declaration.object === 'queue' && declaration.name === first);
    const args: Readonly<Record<string, unknown>> = queue?.object === 'queue' ? queue.arguments : {};
    if (queues.length !== 1 || args['x-message-ttl'] === undefined) return { queues, seconds };
    seconds += Number(args['x-message-ttl']) / 1_000;
    queues = route(String(args['x-dead-letter-exchange']));
  }
}

const address = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '#', '%', 'ü'), minLength: 1, maxLength: 12 });
const bound = (name: string, target: string): Declaration => ({
  object: 'binding',
  of: 'queue',
  name,
  source: DUE,
  key: dueKey(target),
});

describe('the ladder', () => {
  it('brings a message to its queue after its delay, in whole seconds, and to no other, whatever the queue is called', () => {
    fc.assert(
      fc.property(address, address, fc.integer({ min: 1, max: LONGEST_DELAY_MS }), (to, other, delayMs) => {
        fc.pre(to !== other);
        const all = [...ladderDeclarations(), bound(to, queueTarget(to)), bound(other, queueTarget(other))];
        const { exchange, routingKey } = ladderEntry(delayMs, queueTarget(to));
        expect(walk(all, exchange, routingKey)).toEqual({ queues: [to], seconds: Math.ceil(delayMs / 1_000) });
      }),
    );
  });

  it('brings a message of a topic to the groups of its type, and not to those of another topic or type', () => {
    const groups = { 'orders.shipping': 'order.placed', 'orders.audit': '#', 'orders.billing': 'order.cancelled' };
    const all = [
      ...ladderDeclarations(),
      ...Object.entries(groups).map(([name, type]) => bound(name, topicTarget('orders', type))),
      bound('orders.order.shipping', topicTarget('orders.order', 'placed')),
      bound('orders', queueTarget('orders')),
    ];
    const { exchange, routingKey } = ladderEntry(5_000, topicTarget('orders', 'order.placed'));
    expect(walk(all, exchange, routingKey)).toEqual({ queues: ['orders.shipping', 'orders.audit'], seconds: 5 });
  });

  it.each([
    [1, 1],
    [1_000, 1],
    [1_001, 2],
    [LONGEST_DELAY_MS, 2_097_151],
  ])('waits %i ms as %i s', (delayMs, seconds) => {
    const { exchange, routingKey } = ladderEntry(delayMs, queueTarget('orders'));
    expect(walk([...ladderDeclarations(), bound('orders', queueTarget('orders'))], exchange, routingKey)).toEqual({
      queues: ['orders'],
      seconds,
    });
  });

  it('tells apart addresses that look alike once their dots are written as one word', () => {
    expect(new Set(['a.b', 'a%2eb', 'a%b', 'a*b', 'a#b'].map(queueTarget)).size).toBe(5);
  });

  it('keeps what is due for a queue that is gone, and drops what is due for a topic that nobody listens to', () => {
    const all = ladderDeclarations();
    const due = all.find((declaration) => declaration.name === DUE);
    expect(due).toMatchObject({ object: 'exchange', arguments: { 'alternate-exchange': 'omnibus.delay.unroutable' } });
    // durable, it would take for gone what a starting broker has not read yet
    expect(all.find(({ object, name }) => object === 'exchange' && name === 'omnibus.delay.unroutable')).toMatchObject({
      durable: false,
    });
    const atDue = (target: string) => walk(all, 'omnibus.delay.unroutable', ladderEntry(1_000, target).routingKey).queues;
    expect(atDue(queueTarget('gone'))).toEqual(['omnibus.delay.unroutable']);
    expect(atDue(topicTarget('orders', 'order.placed'))).toEqual(['omnibus.delay.discard']);
  });
});
