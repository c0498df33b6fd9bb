import { describe, expect, it } from 'vitest';
import { MessagingError } from '../../src/transport/errors.js';
import { bench, broken, ended, invalid, manualSender, message, missing, numbered } from './fakes.js';

describe('links', () => {
  it('accepts messages before there is a link and sends them in order when there is one', async () => {
    const { batcher, send, tick } = bench();
    send('a1', 'b1');
    await tick(1_000);
    send('c1');
    const sender = manualSender();
    batcher.open(sender);
    await tick();
    expect(sender.ids).toEqual([['a1', 'b1', 'c1']]);
  });

  it('reports a broken link once, sends nothing on it, and sends all that is unresolved on the next, oldest first', async () => {
    const { batcher, send, tick, linkErrors } = bench({ limits: { sendBatch: 2 } });
    const first = manualSender();
    batcher.open(first);
    const ends = send('a1', 'a2', 'b1', 'b2', 'c1', 'c2');
    await tick();
    first.calls[1]?.end();
    first.calls[0]?.fail(broken());
    first.calls[2]?.fail(broken('failed'));
    await tick();
    send('d1');
    await tick(1_000);
    expect(first.calls.length).toBe(3);
    expect(linkErrors.map(({ message }) => message)).toEqual(['socket closed']);
    const second = manualSender();
    batcher.open(second);
    await tick();
    expect(second.ids).toEqual([['a1', 'a2'], ['c1', 'c2'], ['d1']]);
    for (const call of second.calls) call.end();
    await tick();
    expect(ends).toEqual({ a1: 'ok', a2: 'ok', b1: 'ok', b2: 'ok', c1: 'ok', c2: 'ok' });
  });

  it('takes a link failure among the failures of single messages for what it is', async () => {
    const { batcher, send, tick, linkErrors } = bench();
    const first = manualSender();
    batcher.open(first);
    const ends = send('a1', 'b1');
    await tick();
    first.calls[0]?.end([{ index: 1, error: broken() }]);
    await tick(10_000);
    expect([ends, linkErrors.length, first.calls.length]).toEqual([{ a1: 'ok' }, 1, 1]);
  });

  it('wraps what is no MessagingError, with outcome unknown', async () => {
    const { batcher, send, tick, linkErrors } = bench({ sendTimeoutMs: 1_000 });
    const sender = manualSender();
    batcher.open(sender);
    const ends = send('a1');
    await tick();
    sender.calls[0]?.fail(new TypeError('x is not a function'));
    await tick(1_000);
    expect(linkErrors.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'CONNECTION send to channel "orders" on transport "cloud": x is not a function',
    ]);
    expect(ends).toEqual({ a1: 'TIMEOUT unknown' });
  });

  it('takes a confirm that an old link still brings, and ignores its failures', async () => {
    const { batcher, send, tick, linkErrors } = bench({ limits: { sendBatch: 1 } });
    const first = manualSender();
    batcher.open(first);
    const ends = send('a1', 'b1');
    await tick();
    batcher.lost();
    first.calls[0]?.end();
    await tick();
    const second = manualSender();
    batcher.open(second);
    await tick();
    expect(second.ids).toEqual([['b1']]);
    first.calls[1]?.fail(broken());
    await tick();
    expect(second.ids).toEqual([['b1']]);
    expect([ends, linkErrors.length, batcher.pending]).toEqual([{ a1: 'ok' }, 0, 1]);
    second.calls[0]?.end();
    await tick();
    expect([ends, batcher.pending]).toEqual([{ a1: 'ok', b1: 'ok' }, 0]);
  });

  it('does not count what an old link still holds, nor miscount when it ends', async () => {
    const { batcher, send, tick } = bench({ maxInFlight: 4 });
    const first = manualSender();
    batcher.open(first);
    send(...numbered('a', 4));
    await tick();
    batcher.lost();
    const second = manualSender();
    batcher.open(second);
    await tick();
    expect(second.calls.length).toBe(4);
    for (const call of first.calls) call.fail(broken());
    send(...numbered('b', 4));
    await tick();
    expect(second.calls.length).toBe(4);
  });

  it('tells the link when a call does not end for twice the timeout, and gives its place to others', async () => {
    const { batcher, send, tick, linkErrors } = bench({ maxInFlight: 1, sendTimeoutMs: 1_000 });
    const first = manualSender();
    batcher.open(first);
    const ends = send('a1');
    await tick(1_500);
    expect(ends).toEqual({ a1: 'TIMEOUT unknown' });
    const later = send('b1');
    await tick(499);
    expect(linkErrors).toEqual([]);
    await tick(1);
    expect(linkErrors.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'CONNECTION channel "orders" on transport "cloud" has not answered a send for 2000 ms',
    ]);
    const second = manualSender();
    batcher.open(second);
    await tick();
    second.calls[0]?.end();
    await tick();
    expect(later).toEqual({ b1: 'ok' });
  });
});

describe('a channel that is missing', () => {
  it('waits for another sender where it is made again, and goes on in the order of its keys', async () => {
    const { batcher, send, tick, linkErrors } = bench({ ordered: true, remakes: () => true });
    const first = manualSender();
    batcher.open(first);
    const ends = send('a1', 'a2', 'b1');
    await tick();
    first.calls[0]?.end([{ index: 0, error: missing }]);
    await tick(10_000);
    expect([first.ids, ends, linkErrors]).toEqual([[['a1', 'b1']], { b1: 'ok' }, [missing]]);
    const second = manualSender();
    batcher.open(second);
    await tick();
    second.calls[0]?.end();
    await tick();
    second.calls[1]?.end();
    await tick();
    expect([second.ids, ends]).toEqual([[['a1'], ['a2']], { a1: 'ok', a2: 'ok', b1: 'ok' }]);
  });

  it('says what is missing where it was not made in time', async () => {
    const { batcher, tick } = bench({ remakes: () => true, sendTimeoutMs: 1_000 });
    const sender = manualSender();
    batcher.open(sender);
    const early = ended(batcher.send(message('a')));
    await tick();
    sender.calls[0]?.fail(missing);
    await tick();
    const late = ended(batcher.send(message('b')));
    await tick(1_000);
    expect(await early).toMatch(/^TIMEOUT failed: .* 1000 ms: the last try failed: no such queue$/);
    expect(await late).toMatch(/^TIMEOUT failed: .* 1000 ms: its sender is not open: no such queue$/);
  });

  it('fails its messages where nobody makes it again, and their sender goes on', async () => {
    const { batcher, send, tick, linkErrors } = bench({ remakes: () => false });
    const sender = manualSender();
    batcher.open(sender);
    const ends = send('a1', 'b1');
    await tick();
    sender.calls[0]?.end([{ index: 0, error: missing }]);
    send('c1');
    await tick();
    expect([ends, linkErrors, sender.ids]).toEqual([{ a1: 'NO_ROUTE failed', b1: 'ok' }, [], [['a1', 'b1'], ['c1']]]);
  });
});

describe('send hooks', () => {
  it('stand around each call', async () => {
    const seen: string[] = [];
    const { batcher, send, tick } = bench({
      around: async (count, next) => {
        seen.push(`before ${count}`);
        await next();
        seen.push('after');
      },
    });
    const sender = manualSender();
    batcher.open(sender);
    const ends = send('a1', 'b1');
    await tick();
    sender.calls[0]?.end([{ index: 0, error: invalid }]);
    await tick();
    expect([seen, ends]).toEqual([['before 2', 'after'], { a1: 'INVALID failed', b1: 'ok' }]);
  });

  it.each([
    [
      'throws before it goes on',
      () => Promise.reject(new Error('no budget')),
      'INVALID failed: a hook around send to channel "orders" on transport "cloud" failed: no budget',
    ],
    ['throws a MessagingError', () => Promise.reject(new MessagingError('DENIED', 'not you')), 'DENIED failed: not you'],
    [
      'never goes on',
      () => Promise.resolve(),
      'INVALID failed: a hook around send to channel "orders" on transport "cloud" did not call next(), so nothing was sent',
    ],
  ])('fail the messages, not the link, where one %s', async (_, around, expected) => {
    const { batcher, linkErrors } = bench({ around });
    batcher.open(manualSender());
    expect(await ended(batcher.send(message('a')))).toBe(expected);
    expect(linkErrors).toEqual([]);
  });

  it('cannot send twice', async () => {
    const { batcher, send, tick } = bench({ around: async (_, next) => void (await Promise.all([next(), next()])) });
    const sender = manualSender();
    batcher.open(sender);
    send('a1');
    await tick();
    expect(sender.ids).toEqual([['a1']]);
  });

  it('cannot take back what the broker has', async () => {
    const { batcher, send, tick } = bench({
      around: async (_, next) => {
        await next();
        throw new Error('span exporter is down');
      },
    });
    const sender = manualSender();
    batcher.open(sender);
    const ends = send('a1');
    await tick();
    sender.calls[0]?.end();
    await tick();
    expect(ends).toEqual({ a1: 'ok' });
  });
});
