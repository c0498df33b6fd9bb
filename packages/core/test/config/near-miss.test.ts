import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearMiss } from '../../src/config/near-miss.js';

test.each([
  ['rabitmq', ['memory', 'rabbitmq', 'sqs'], 'rabbitmq'],
  ['adress', ['address', 'transport'], 'address'],
  ['dead-letter', ['deadLetter'], 'deadLetter'],
  ['ORDERS', ['orders'], 'orders'],
  ['sqs', ['sns', 'mqtt'], 'sns'],
  ['odrers', ['orders'], 'orders'],
  ['kafak', ['kinesis', 'kafka'], 'kafka'],
  ['a', ['b'], 'b'],
  ['redis', ['memory', 'rabbitmq', 'kafka'], undefined],
  ['nats', ['sqs', 'sns', 'mqtt'], undefined],
  ['x', [], undefined],
])('%j among %j is meant to be %j', (word, candidates, meant) => {
  expect(nearMiss(word, candidates)).toBe(meant);
});

test('the word itself is always the nearest', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), fc.nat(), (words, index) => {
      const word = words[index % words.length]!;
      const plain = (text: string): string => text.toLowerCase().replace(/[-_.]/g, '');
      expect(plain(nearMiss(word, words)!)).toBe(plain(word));
    }),
  );
});
