import { ACK, type Message, RELEASE } from '@omnibus/core/transport';
import { expect, it } from 'vitest';
import { bench, ids, message, messages, never, poll, queue, send, subscription } from './support.js';

const jobs = queue({ name: 'jobs', maxDelayMs: 3_600_000 });

it('brings a retried message back after its delay, with its count one higher and at its old place', async () => {
  const { transport, clock, broker } = await bench({}, jobs);
  await send(transport, jobs, ...messages(3));
  const receiver = await transport.receiver(subscription(jobs));
  const [first] = await poll(receiver, 1);
  await receiver.settle([first!], { type: 'retry', delayMs: 5_000 });
  expect(broker.inspect('jobs')).toMatchObject({ ready: 2, unsettled: 0, delayed: 1 });
  const [second] = await poll(receiver, 1);
  expect(second!.id).toBe('2');
  await clock.advance(4_999);
  expect(broker.inspect('jobs')).toMatchObject({ delayed: 1 });
  await clock.advance(1);
  const due = await poll(receiver);
  expect(ids(due)).toEqual(['1', '3']);
  expect(due[0]!.deliveries).toBe(2);
});

it('wakes a waiting receive when a delay is over', async () => {
  const { transport, clock } = await bench({}, jobs);
  await send(transport, jobs, message('late', { delayMs: 1_000 }));
  const receiver = await transport.receiver(subscription(jobs));
  const waiting = receiver.receive(1, never());
  await clock.advance(1_000);
  expect(await waiting).toMatchObject([{ id: 'late', deliveries: 1, delayMs: 1_000 }]);
});

it('wakes a waiting receive when a retry is due', async () => {
  const { transport, clock } = await bench({}, jobs);
  await send(transport, jobs, message('a'));
  const receiver = await transport.receiver(subscription(jobs));
  await receiver.settle(await poll(receiver), { type: 'retry', delayMs: 1_000 });
  const waiting = receiver.receive(1, never());
  await clock.advance(1_000);
  expect(await waiting).toMatchObject([{ id: 'a', deliveries: 2 }]);
});

it('puts a message sent with a delay behind what was ready before it was due', async () => {
  const { transport, clock } = await bench({}, jobs);
  await send(transport, jobs, message('late', { delayMs: 1_000 }), message('later', { delayMs: 1_000 }), message('now'));
  const receiver = await transport.receiver(subscription(jobs));
  await clock.advance(1_000);
  const all = await poll(receiver);
  expect(ids(all)).toEqual(['now', 'late', 'later']);
  await receiver.settle(all, RELEASE);
  expect(ids(await poll(receiver))).toEqual(['now', 'late', 'later']);
});

it('keeps delays running while nobody receives', async () => {
  const { transport, clock, broker } = await bench({}, jobs);
  await send(transport, jobs, message('late', { delayMs: 1_000 }));
  expect(broker.inspect('jobs')).toMatchObject({ ready: 0, delayed: 1 });
  expect(clock.pending).toBe(0);
  await clock.advance(1_000);
  expect(broker.inspect('jobs')).toMatchObject({ ready: 1, delayed: 0 });
  expect(ids(await poll(await transport.receiver(subscription(jobs))))).toEqual(['late']);
});

it('drops a message whose time is over when its turn comes, and counts it', async () => {
  const { transport, clock, broker } = await bench({}, jobs);
  const at = (ms: number): Partial<Message> => ({ expiresAt: clock.now() + ms });
  await send(
    transport,
    jobs,
    message('over', at(0)),
    message('soon over', at(1_000)),
    message('almost', at(1_001)),
    message('ever'),
  );
  await clock.advance(1_000);
  const receiver = await transport.receiver(subscription(jobs));
  expect(ids(await poll(receiver))).toEqual(['almost', 'ever']);
  expect(broker.inspect('jobs')).toMatchObject({ expired: 2, ready: 0, unsettled: 2 });
});

it('checks the time again before a message comes a second time', async () => {
  const { transport, clock, broker } = await bench({}, jobs);
  await send(transport, jobs, message('a', { expiresAt: clock.now() + 1_000 }));
  const receiver = await transport.receiver(subscription(jobs));
  await receiver.settle(await poll(receiver), { type: 'retry', delayMs: 2_000 });
  await clock.advance(2_000);
  expect(await poll(receiver)).toEqual([]);
  expect(broker.inspect('jobs')).toMatchObject({ expired: 1, delayed: 0, ready: 0 });
});

it('hands out the highest priority first, in the order sent within each', async () => {
  const levels = queue({ name: 'levels', priorities: 3 });
  const { transport } = await bench({}, levels);
  await send(transport, levels, ...[0, 2, 1, 2, 0, 9].map((priority, index) => message(`${index}:${priority}`, { priority })));
  const receiver = await transport.receiver(subscription(levels));
  const [first] = await poll(receiver, 1);
  expect(first!.id).toBe('1:2');
  await receiver.settle([first!], { type: 'release' });
  const all = await poll(receiver);
  expect(ids(all)).toEqual(['1:2', '3:2', '5:9', '2:1', '0:0', '4:0']);
  await receiver.settle(all, ACK);
});

it('carries a priority and makes nothing of it where the channel has no levels', async () => {
  const { transport } = await bench({}, jobs);
  await send(transport, jobs, message('low'), message('high', { priority: 9 }));
  expect(await poll(await transport.receiver(subscription(jobs)))).toMatchObject([
    { id: 'low', priority: 0 },
    { id: 'high', priority: 9 },
  ]);
});
