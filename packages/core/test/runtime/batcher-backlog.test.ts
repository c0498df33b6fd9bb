import { expect, it } from 'vitest';
import { createBacklog } from '../../src/runtime/backlog.js';
import { Pending } from '../../src/runtime/pending.js';
import { message } from './fakes.js';

it('a backlog gives at least one message, however large', () => {
  const backlog = createBacklog(undefined);
  for (const id of ['a', 'b']) backlog.add(new Pending(message(id), 5_000, 0));
  expect(backlog.take(10, 1_000).map((item) => item.message.id)).toEqual(['a']);
  expect(backlog.take(10, 1_000).map((item) => item.message.id)).toEqual(['b']);
  expect(backlog.take(10, 1_000)).toEqual([]);
});
