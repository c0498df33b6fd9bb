import { ACK, systemClock, virtualClock } from '@omnibus/core/transport';
import { expect, it } from 'vitest';
import { memoryBroker } from '../src/index.js';
import {
  bench,
  codes,
  ids,
  message,
  messages,
  never,
  poll,
  queue,
  send,
  stream,
  subscription,
  topology,
  transport,
} from './support.js';

const jobs = queue({ name: 'jobs' });

it('shares a broker among transports, and keeps what one left behind', async () => {
  const { transport: first, broker, clock } = await bench({}, jobs);
  await send(first, jobs, ...messages(2));
  const held = await first.receiver(subscription(jobs));
  await poll(held, 1);
  await first.close();
  const second = transport({ broker }, clock);
  await second.connect();
  expect(ids(await poll(await second.receiver(subscription(jobs))))).toEqual(['1', '2']);
});

it('gives every transport a broker of its own unless told otherwise', async () => {
  const clock = virtualClock();
  for (const one of [transport({}, clock), transport({}, clock)]) {
    await one.connect();
    expect(await one.provision(topology(jobs), 'verify')).toHaveLength(1);
    await one.provision(topology(jobs), 'create');
  }
});

it('refuses a second clock on one broker, unless the broker was given one', () => {
  const broker = memoryBroker();
  transport({ broker }, virtualClock());
  expect(() => transport({ broker }, virtualClock())).toThrow(expect.objectContaining({ code: 'CONFIG' }));
  const own = memoryBroker({ clock: systemClock });
  transport({ broker: own }, virtualClock());
  transport({ broker: own }, virtualClock());
});

it('refuses what is no broker', () => {
  expect(() => transport({ broker: {} as never }, virtualClock())).toThrow(expect.objectContaining({ code: 'CONFIG' }));
});

it('says CONNECTION before connect', async () => {
  const one = transport({}, virtualClock());
  expect(await one.health()).toEqual({ ok: false, why: 'not connected yet' });
  await expect(one.sender(jobs)).rejects.toMatchObject({ code: 'CONNECTION' });
  await one.close();
});

it('ends everything on a lost link: leases abort, calls fail, what was unsettled comes again', async () => {
  const { transport: one, broker } = await bench({}, jobs);
  await send(one, jobs, ...messages(2));
  const sender = await one.sender(jobs);
  const receiver = await one.receiver(subscription(jobs));
  const idle = await one.receiver(subscription(jobs));
  const [acked, held] = await poll(receiver);
  await receiver.settle([acked!], ACK);
  const waiting = idle.receive(1, never());
  broker.disconnect();

  expect(held!.lease!.aborted).toBe(true);
  await expect(waiting).rejects.toMatchObject({ code: 'CONNECTION', retryable: true });
  await expect(receiver.receive(1, never())).rejects.toMatchObject({ code: 'CONNECTION' });
  await expect(sender.send([message('x')])).rejects.toMatchObject({ code: 'CONNECTION', outcome: 'failed' });
  expect(codes(await receiver.settle([acked!, held!], ACK))).toEqual([[1, 'LOST']]);
  expect(codes(await receiver.extend!([held!], 1_000))).toEqual([[0, 'LOST']]);
  await expect(one.receiver(subscription(jobs))).rejects.toMatchObject({ code: 'CONNECTION' });
  const { ok, why } = await one.health();
  expect(ok).toBe(false);
  expect(why).toContain('lost since 2026-01-01T00:00:00');
  await Promise.all([receiver.close(), sender.close(), idle.close()]);

  await one.connect();
  expect(await one.health()).toEqual({ ok: true, why: undefined });
  const again = await one.receiver(subscription(jobs));
  const [delivery] = await poll(again);
  expect(delivery).toMatchObject({ id: '2', deliveries: 2 });
  expect(delivery!.lease!.aborted).toBe(false);
});

it('refuses connections while it is told to', async () => {
  const { transport: one, broker, clock } = await bench();
  const other = transport({ broker }, clock);
  broker.refuse(true);
  await expect(other.connect()).rejects.toMatchObject({ code: 'CONNECTION', retryable: true });
  await one.connect();
  broker.refuse(false);
  await other.connect();
});

it('fails the next sends as it is told, stored or not', async () => {
  const { transport: one, broker } = await bench({}, jobs);
  const sender = await one.sender(jobs);
  broker.failSends(2, 'failed');
  for (const id of ['a', 'b'])
    await expect(sender.send([message(id)])).rejects.toMatchObject({ code: 'CONNECTION', outcome: 'failed' });
  broker.failSends(1, 'unknown');
  await expect(sender.send([message('c')])).rejects.toMatchObject({ code: 'CONNECTION', outcome: 'unknown' });
  broker.failSends(1, 'unknown', false);
  await expect(sender.send([message('d')])).rejects.toMatchObject({ code: 'CONNECTION', outcome: 'unknown' });
  await sender.send([message('e')]);
  expect(ids(broker.inspect('jobs')!.messages)).toEqual(['c', 'e']);
});

it('lets sends wait while an address is blocked, and says so', async () => {
  const other = queue({ name: 'other' });
  const { transport: one, broker } = await bench({}, jobs, other);
  const sender = await one.sender(jobs);
  broker.block('jobs');
  const waiting = [sender.send([message('1')]), sender.send([message('2')])];
  await send(one, other, message('free'));
  expect(broker.inspect('jobs')).toMatchObject({ ready: 0 });
  expect(await one.health()).toEqual({ ok: false, why: 'sends are blocked to jobs' });
  broker.unblock('jobs');
  await Promise.all(waiting);
  expect(ids(broker.inspect('jobs')!.messages)).toEqual(['1', '2']);
  expect(await one.health()).toMatchObject({ ok: true });
});

it('ends a blocked send with its sender or its link', async () => {
  const { transport: one, broker } = await bench({}, jobs);
  broker.block();
  const [closing, losing] = [await one.sender(jobs), await one.sender(jobs)];
  const sends = [closing.send([message('1')]), losing.send([message('2')])];
  const ended = Promise.all(sends.map((sent) => expect(sent).rejects.toMatchObject({ outcome: 'failed' })));
  await closing.close();
  broker.disconnect();
  await ended;
  broker.unblock();
  expect(broker.inspect('jobs')).toMatchObject({ ready: 0 });
});

it('closes as often as one likes, and leaves no timer behind', async () => {
  const { transport: one, clock } = await bench({}, jobs);
  await send(one, jobs, ...messages(3), message('late', { delayMs: 60_000 }));
  const sender = await one.sender(jobs);
  const receiver = await one.receiver(subscription(jobs));
  const [held] = await poll(receiver, 1);
  const rest = await poll(receiver);
  await receiver.settle(rest, ACK);
  const waiting = receiver.receive(1, never());
  await Promise.all([receiver.close(), receiver.close(), sender.close(), sender.close()]);
  expect(await waiting).toEqual([]);
  expect(codes(await receiver.settle([held!, ...rest], ACK))).toEqual([[0, 'LOST']]);
  await expect(receiver.receive(1, never())).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(sender.send([message('x')])).rejects.toMatchObject({ code: 'CLOSED' });
  await Promise.all([one.close(), one.close()]);
  expect(held!.lease!.aborted).toBe(false);
  expect(clock.pending).toBe(0);
  await expect(one.sender(jobs)).rejects.toMatchObject({ code: 'CLOSED' });
});

it('closes a receiver once, though its transport closes after it', async () => {
  const { transport: one, broker, clock } = await bench({ partitions: 2 }, stream({ name: 'events' }));
  const other = transport({ broker, partitions: 2 }, clock);
  await other.connect();
  const audit = subscription(stream({ name: 'events' }), 'audit');
  const closing = await one.receiver(audit);
  const staying = await other.receiver(audit);
  await closing.close();
  await one.close();
  await send(other, audit.channel, ...messages(2));
  expect(ids(await poll(staying))).toEqual(['1', '2']);
});

it('keeps nothing of ends, waits and links that are over', async () => {
  const { transport: one, broker } = await bench({}, jobs);
  const size = (of: object, field: string): unknown => Reflect.get(Reflect.get(of, field) as object, 'size');
  const [link] = Reflect.get(broker, 'links') as Set<object>;
  await (await one.sender(jobs)).close();
  await (await one.receiver(subscription(jobs))).close();
  expect(size(link!, 'ends')).toBe(0);
  const sender = await one.sender(jobs);
  broker.block();
  const sent = sender.send([message('a')]);
  broker.unblock();
  await sent;
  expect(size(Reflect.get(broker, 'faults') as object, 'stalled')).toBe(0);
  await one.close();
  expect(size(link!, 'ends')).toBe(0);
  expect(size(broker, 'links')).toBe(0);
});

it('says CLOSED after close, also where the link was lost before', async () => {
  const { transport: one, broker } = await bench({}, jobs);
  broker.disconnect();
  await one.close();
  await expect(one.sender(jobs)).rejects.toMatchObject({ code: 'CLOSED' });
});

it('does not count a hand-out that a closing receiver gave back', async () => {
  const { transport: one } = await bench({}, jobs);
  await send(one, jobs, message('a'));
  const receiver = await one.receiver(subscription(jobs));
  await poll(receiver);
  await receiver.close();
  expect(await poll(await one.receiver(subscription(jobs)))).toMatchObject([{ deliveries: 1 }]);
});

it('ends a temporary queue with the link that made it', async () => {
  const replies = queue({ name: 'replies.1', temporary: true });
  const { transport: one, broker } = await bench({}, replies);
  await send(one, replies, message('a'));
  broker.disconnect();
  expect(broker.inspect('replies.1')).toBeUndefined();
  await one.connect();
  expect(codes(await send(one, replies, message('b')))).toEqual([[0, 'NO_ROUTE']]);
});
