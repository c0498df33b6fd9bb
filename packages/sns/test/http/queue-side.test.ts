import { ACK, MessagingError, RELEASE } from '@omnibus/core/transport';
import { expect, test } from 'vitest';
import { notification, post, signed } from './fake-sns.js';
import { rig, take } from './rig.js';

test('what waits in the queue of the group comes between the posts, and each is settled where it came from', async () => {
  const it = await rig();
  it.queue.put('q1');
  const answer = post(it.url, JSON.stringify(signed(notification(it.clock, 'x', { messageId: 'p1' }))));
  await expect.poll(() => it.posts.stats.accepted).toBe(1);
  const got = [...(await take(it.receiver)), ...(await take(it.receiver))].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  expect(got.map(({ id, lockedUntil }) => [id, lockedUntil])).toEqual([
    ['p1', 14_000],
    ['q1', 14_000],
  ]);
  expect(await it.receiver.settle(got, ACK)).toEqual([]);
  expect((await answer).status).toBe(200);
  expect(it.queue.settled).toEqual([['ack', 'q1']]);
});

test('a failure of one of them keeps its index in the whole', async () => {
  const it = await rig();
  const answer = post(it.url, JSON.stringify(signed(notification(it.clock, 'x', { messageId: 'p1' }))));
  const [posted] = await take(it.receiver);
  await it.clock.advance(14_000);
  await answer;
  it.queue.put('q1');
  const [queued] = await take(it.receiver);
  expect(await it.receiver.settle([queued!, posted!], RELEASE)).toMatchObject([{ index: 1, error: { code: 'LOST' } }]);
  expect(it.queue.settled).toEqual([['release', 'q1']]);
});

test('one receive of the queue is open while the engine waits, and none when it does not ask', async () => {
  const it = await rig();
  expect(it.queue.receives).toBe(0);
  const stop = new AbortController();
  const waiting = it.receiver.receive(10, stop.signal);
  expect(it.queue.receives).toBe(1);
  await it.clock.advance(20_000);
  expect(await waiting).toEqual([]);
  const next = it.receiver.receive(10, stop.signal);
  stop.abort();
  expect(await next).toEqual([]);
  const calls = it.queue.receives;
  expect(calls).toBeLessThanOrEqual(2);
  it.queue.put('q1');
  await it.clock.advance(60_000);
  expect(it.queue.receives).toBe(calls);
});

test('what came from the queue and was not taken before its time is not handed out', async () => {
  const it = await rig();
  const stop = new AbortController();
  const waiting = it.receiver.receive(10, stop.signal); // leaves a receive of the queue open
  const answer = post(it.url, JSON.stringify(signed(notification(it.clock, 'x', { messageId: 'p1' }))));
  const [posted] = await waiting;
  await it.receiver.settle([posted!], ACK);
  await answer;
  it.queue.put('old');
  await it.clock.advance(14_000);
  it.queue.put('new');
  expect((await take(it.receiver)).map(({ id }) => id)).toEqual(['new']);
});

test('a queue that cannot be read fails the receiver, as any lost link does; closing gives all back', async () => {
  const it = await rig();
  const answer = post(it.url, JSON.stringify(signed(notification(it.clock, 'x'))));
  await take(it.receiver);
  it.queue.fail(new MessagingError('CONNECTION', 'no route'));
  await expect(take(it.receiver)).rejects.toMatchObject({ code: 'CONNECTION', message: 'no route' });
  await it.receiver.close();
  expect((await answer).status).toBe(503);
  expect(it.queue.closed).toBe(1);
});
