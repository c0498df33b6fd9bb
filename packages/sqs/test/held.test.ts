import { expect, it } from 'vitest';
import { holding } from '../src/held.js';

const raw = (id: string) => ({ MessageId: id, ReceiptHandle: id, Body: id, Attributes: { MessageGroupId: id[0] ?? '' } });

it('what nobody settled before its lock was over is forgotten, on a FIFO queue with the rest of its group', () => {
  const held = holding(true);
  held.take(raw('a1'), 0, 100);
  const a2 = held.take(raw('a2'), 0, 300);
  const b1 = held.take(raw('b1'), 0, 300);
  held.sweep(100);
  expect(held.all).toEqual([b1]);
  expect([a2.state, b1.state]).toEqual(['lost', 'held']);
});
