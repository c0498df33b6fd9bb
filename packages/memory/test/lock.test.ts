import { ACK, type Clock, virtualClock } from '@omnibus/core/transport';
import { expect, it } from 'vitest';
import { bench, codes, ids, message, messages, never, poll, queue, send, subscription, topology, transport } from './support.js';

const jobs = queue({ name: 'jobs' });

it('gives a delivery to another once its lock has run out, with its count one higher', async () => {
  const { transport: one, clock } = await bench({ lockMs: 10_000 }, jobs);
  await send(one, jobs, message('a'));
  const slow = await one.receiver(subscription(jobs));
  const quick = await one.receiver(subscription(jobs));
  const [held] = await poll(slow);
  expect(held!.lockedUntil).toBe(clock.monotonic() + 10_000);
  await clock.advance(9_999);
  expect(await poll(quick)).toEqual([]);
  const waiting = quick.receive(1, never());
  await clock.advance(1);
  expect(await waiting).toMatchObject([{ id: 'a', deliveries: 2 }]);
});

it('says LOST, entry by entry, to whoever settles or extends too late', async () => {
  const { transport: one, clock } = await bench({ lockMs: 10_000 }, jobs);
  await send(one, jobs, ...messages(2));
  const receiver = await one.receiver(subscription(jobs));
  const [lost, kept] = await poll(receiver);
  await clock.advance(5_000);
  expect(await receiver.extend!([kept!], 10_000)).toEqual([]);
  await clock.advance(5_000);
  expect(codes(await receiver.extend!([lost!, kept!], 10_000))).toEqual([[0, 'LOST']]);
  expect(codes(await receiver.settle([kept!, lost!], ACK))).toEqual([[1, 'LOST']]);
  expect(ids(await poll(receiver))).toEqual(['1']);
});

it('extends from now on, and says until when', async () => {
  const { transport: one, clock } = await bench({ lockMs: 10_000 }, jobs);
  await send(one, jobs, message('a'));
  const receiver = await one.receiver(subscription(jobs));
  const held = await poll(receiver);
  for (let round = 0; round < 10; round++) {
    await clock.advance(8_000);
    expect(await receiver.extend!(held, 9_000)).toEqual([]);
    expect(held[0]!.lockedUntil).toBe(clock.monotonic() + 9_000);
  }
  expect(await receiver.settle(held, ACK)).toEqual([]);
});

it('shortens a lock too', async () => {
  const { transport: one, clock } = await bench({ lockMs: 10_000 }, jobs);
  await send(one, jobs, message('a'));
  const receiver = await one.receiver(subscription(jobs));
  await receiver.extend!(await poll(receiver), 1_000);
  await clock.advance(1_000);
  expect(ids(await poll(receiver))).toEqual(['a']);
});

it('judges by the clock even where its timer is late: the settle of a process that was busy too long is LOST', async () => {
  const time = virtualClock();
  const timersLate: Clock = { now: time.now, monotonic: time.monotonic, timer: () => ({ cancel: () => undefined }) };
  const busy = transport({ lockMs: 10_000 }, timersLate);
  await busy.connect();
  await busy.provision(topology(jobs), 'create');
  await send(busy, jobs, message('a'));
  const receiver = await busy.receiver(subscription(jobs));
  const held = await poll(receiver);
  await time.advance(10_000);
  expect(codes(await receiver.settle(held, ACK))).toEqual([[0, 'LOST']]);
  expect(ids(await poll(receiver))).toEqual(['a']);
});

it('keeps one timer for a queue however much is locked or delayed, and none when nobody receives', async () => {
  const { transport: one, clock } = await bench({}, jobs);
  await send(one, jobs, ...messages(50), ...messages(50, { delayMs: 60_000 }));
  const receiver = await one.receiver(subscription(jobs));
  await poll(receiver);
  expect(clock.pending).toBe(1);
  await receiver.close();
  expect(clock.pending).toBe(0);
});
