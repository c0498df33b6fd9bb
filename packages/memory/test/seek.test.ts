import { message as contract, createApp, queue as queueOf, stream as streamOf, topic as topicOf } from '@omnibus/core';
import { ACK, virtualClock } from '@omnibus/core/transport';
import { describe, expect, it } from 'vitest';
import { memory, memoryBroker } from '../src/index.js';
import { bench, codes, ids, message, messages, never, poll, send, stream, subscription } from './support.js';

const events = stream({ name: 'events' });
const audit = subscription(events, 'audit');

describe('a receiver of a stream', () => {
  it('reads on from where it is moved to, and what it had is lost to it', async () => {
    const { transport, broker, clock } = await bench({}, events);
    await send(transport, events, ...messages(3));
    await clock.advance(60_000);
    const date = new Date(clock.now());
    await send(transport, events, message('4'), message('5'));
    const receiver = await transport.receiver(audit);
    const [first, ...rest] = await poll(receiver, 4);
    await receiver.settle([first!], ACK);
    expect(await receiver.seek!(date)).toEqual(['0']);
    expect(rest.map(({ lease }) => lease!.aborted)).toEqual([true, true, true]);
    expect(codes(await receiver.settle(rest, ACK))).toEqual([
      [0, 'LOST'],
      [1, 'LOST'],
      [2, 'LOST'],
    ]);
    const moved = await poll(receiver);
    expect([ids(moved), moved[0]!.lease!.aborted]).toEqual([['4', '5'], false]);
    await receiver.seek!('first');
    expect(receiver.lag!()).toEqual({ 0: 5 });
    expect(ids(await poll(receiver))).toEqual(['1', '2', '3', '4', '5']);
    await receiver.seek!('next');
    expect([await poll(receiver), receiver.lag!()]).toEqual([[], { 0: 0 }]);
    await receiver.seek!({ position: '2' });
    await receiver.close();
    expect(broker.inspect('events')!.groups['events.audit']!.committed).toEqual({ 0: '2' });
    expect(ids(await poll(await transport.receiver(audit)))).toEqual(['3', '4', '5']);
  });

  it.each(['9', 'x', new Date(Number.NaN)])('that is told a position which is none, %s, goes on as before', async (where) => {
    const { transport } = await bench({}, events);
    await send(transport, events, ...messages(2));
    const receiver = await transport.receiver(audit);
    const [first] = await poll(receiver, 1);
    const from = typeof where === 'string' ? { position: where } : where;
    await expect(receiver.seek!(from)).rejects.toMatchObject({ code: 'INVALID' });
    expect(first!.lease!.aborted).toBe(false);
    expect(await receiver.settle([first!], ACK)).toEqual([]);
    expect(ids(await poll(receiver))).toEqual(['2']);
  });

  it('moves its own partitions, also those that another still holds messages of, and gives back what it has of others', async () => {
    const { transport } = await bench({ partitions: 2 }, events);
    await send(transport, events, ...messages(4)); // 1 and 3, 2 and 4
    const one = await transport.receiver(audit);
    const held = await poll(one);
    const other = await transport.receiver(audit);
    const coming = other.receive(10, never());
    expect(await one.seek!('next')).toEqual(['0']);
    expect(ids(await coming)).toEqual(['2', '4']);
    expect(codes(await one.settle(held, ACK)).length).toBe(4);
    expect(await poll(one)).toEqual([]);
    const third = await transport.receiver(audit);
    expect(await third.seek!('first')).toEqual([]);
    expect(await other.seek!('first')).toEqual(['1']);
    expect(ids(await poll(other))).toEqual(['2', '4']);
    await other.close(); // the partition goes to the third one, which is the second now
    const again = await poll(third);
    const fourth = await transport.receiver(audit);
    expect([ids(again), await third.seek!('next'), await poll(fourth)]).toEqual([['2', '4'], ['1'], []]);
  });

  it('forgets keys that waited, and hands them out anew', async () => {
    const ordered = stream({ name: 'ordered', ordered: true });
    const { transport, clock } = await bench({}, ordered);
    await send(transport, ordered, ...['a1', 'b1', 'a2', 'b2'].map((id) => message(id, { key: id.slice(0, 1) })));
    const receiver = await transport.receiver(subscription(ordered, 'audit'));
    const [head] = await poll(receiver);
    await receiver.settle([head!], { type: 'retry', delayMs: 1_000 });
    await receiver.seek!('first');
    expect(ids(await poll(receiver))).toEqual(['a1', 'b1', 'a2', 'b2']);
    await clock.advance(2_000);
    expect(await poll(receiver)).toEqual([]);
  });

  it('keeps what it may need again: a full stream takes nothing over what it was moved back to', async () => {
    const { transport } = await bench({ maxMessages: 2 }, audit);
    const receiver = await transport.receiver(audit);
    await send(transport, events, ...messages(2));
    await receiver.settle(await poll(receiver), ACK);
    expect(await send(transport, events, message('3'))).toEqual([]); // over the first one
    await receiver.seek!('first');
    expect(codes(await send(transport, events, message('4')))).toEqual([[0, 'THROTTLED']]);
    expect(ids(await poll(receiver))).toEqual(['2', '3']);
    await expect(receiver.seek!({ position: '0' })).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('cannot be moved without replay, nor once its link is gone', async () => {
    const { transport } = await bench({ without: ['replay'] }, events);
    expect((await transport.receiver(subscription(events, 'audit', { from: 'next' }))).seek).toBeUndefined();
    const other = await bench({}, events);
    const receiver = await other.transport.receiver(audit);
    other.broker.disconnect();
    await expect(receiver.seek!('first')).rejects.toMatchObject({ code: 'CONNECTION' });
  });
});

describe('app.seek', () => {
  const anything = {
    '~standard': {
      version: 1 as const,
      vendor: 'tests',
      validate: (value: unknown) => ({ value: value as { readonly n: number } }),
      types: undefined as { readonly input: { readonly n: number }; readonly output: { readonly n: number } } | undefined,
    },
  };
  const Note = contract('note', anything);
  const Notes = streamOf('notes', { messages: [Note] });
  const News = topicOf('news', { messages: [Note] });

  it('replays a running group, from its beginning and from a position, and only that group', async () => {
    const clock = virtualClock();
    const broker = memoryBroker();
    const app = await createApp({
      config: { name: 'tests', transports: { here: memory({ broker, partitions: 2 }) }, default: 'here' },
      transports: [memory],
      clock,
    });
    const [one, other]: number[][] = [[], []];
    app.consumer(Notes, { group: 'one', from: 'first' }).handle(Note, ({ n }) => void one!.push(n));
    app.consumer(Notes, { group: 'other', from: 'first' }).handle(Note, ({ n }) => void other!.push(n));
    app.consumer(News, { group: 'one' }).handle(Note, () => {});
    const notes = app.producer(Notes);
    await app.start();
    for (let n = 0; n < 4; n++) await notes.send(Note, { n });
    await clock.advance(0);
    const endpoints = (await app.health()).endpoints.filter(({ direction }) => direction === 'receive');
    expect(endpoints.map(({ channel, ok, lag }) => [channel, ok, lag])).toEqual([
      ['notes', true, { 0: 0, 1: 0 }],
      ['notes', true, { 0: 0, 1: 0 }],
      ['news', true, undefined],
    ]);
    expect(await app.seek(Notes, 'one', 'first')).toEqual(['0', '1']);
    await clock.advance(0);
    expect(await app.seek(Notes, 'one', { position: '3' })).toEqual(['0', '1']);
    await clock.advance(0);
    expect([one!.toSorted(), other!.toSorted()]).toEqual([
      [0, 0, 1, 1, 2, 2, 3, 3, 3],
      [0, 1, 2, 3],
    ]);
    await expect(app.seek(Notes, 'one', { position: '99' })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(app.seek(News, 'one', 'first')).rejects.toMatchObject({ code: 'CAPABILITY' });
    await app.stop();
    expect(clock.pending).toBe(0);
    await expect(app.seek(Notes, 'one', 'first')).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('cannot be asked of a queue', () => {
    // @ts-expect-error a queue has no positions
    (app: Awaited<ReturnType<typeof createApp>>) => app.seek(queueOf('parcels', { messages: [Note] }), 'one', 'first');
  });
});
