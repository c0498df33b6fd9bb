import { describe, expect, test } from 'vitest';
import { ownReplies, replyHeaders, replyQueueName, requestHeaders } from '../../src/emulate/temporary.js';
import { MessagingError } from '../../src/transport/errors.js';
import { delivery, fakeReceiver, never } from './fakes.js';

const SQS = { maxLength: 80, forbidden: /[^A-Za-z0-9_-]/g };

describe('the name of a reply queue', () => {
  test('is service, replies and instance, where the broker allows it', () => {
    expect(replyQueueName('orders', 'host-1', { maxLength: 80, forbidden: /[^a-z0-9.-]/g })).toBe('orders.replies.host-1');
  });

  test('keeps to the rule, and is another for another instance even where the rule makes them alike', () => {
    const names = ['host.1', 'host_1', 'host-1'].map((instance) => replyQueueName('orders', instance, SQS));
    for (const name of names) expect(name).toMatch(/^orders-replies-host[_-]1-[0-9a-f]{16}$/);
    expect(new Set(names).size).toBe(3);
  });

  test('is never longer than allowed, and still another for each instance', () => {
    const [one, two] = ['1', '2'].map((instance) => replyQueueName('service'.repeat(20), instance, SQS));
    expect(one).toHaveLength(80);
    expect(one).not.toBe(two);
    const fits = replyQueueName('s', 'i'.repeat(80 - 10), { maxLength: 80, forbidden: /[^a-z.]/g });
    expect(fits).toBe(`s.replies.${'i'.repeat(70)}`);
    expect(replyQueueName('s', 'i'.repeat(80 - 9), { maxLength: 80, forbidden: /[^a-z.]/g })).toHaveLength(80);
  });
});

describe('replies on a channel that all instances read', () => {
  test('carry the instance that waits from the request to the reply', () => {
    expect(replyHeaders({ ...requestHeaders('host-1'), other: 'x' })).toEqual(requestHeaders('host-1'));
    expect(replyHeaders({ other: 'x' })).toEqual({});
  });

  test('reach their own instance; those of others are acked, in parts of the settle limit', async () => {
    const to = (instance: string, id: string) => delivery({ id, headers: requestHeaders(instance) });
    const inner = fakeReceiver(to('2', 'a'), to('1', 'b'), to('2', 'c'), to('3', 'd'), delivery({ id: 'e' }));
    inner.answer = () => {
      throw new MessagingError('THROTTLED', 'slow down');
    };
    const receiver = ownReplies(inner, '1', 3);
    expect((await receiver.receive(10, never)).map(({ id }) => id)).toEqual(['b']);
    expect(inner.log).toEqual(['ack a,c,d', 'ack e']);
  });
});
