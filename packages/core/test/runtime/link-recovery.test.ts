import { describe, expect, it, vi } from 'vitest';
import { sleep } from '../../src/transport/clock.js';
import { MessagingError } from '../../src/transport/errors.js';
import { cut, denied, fails, linkBench, never, refused } from './link-fakes.js';

describe('recovery of a link', () => {
  it('opens only the end that failed where messages can flow, after provisioning', async () => {
    const { link, end, start, since, clock } = linkBench();
    const a = end('a');
    end('b');
    await start();
    since();
    link.failed(a, new MessagingError('NOT_FOUND', 'queue is gone'));
    expect(link.health).toMatchObject({ ok: false, why: 'queue is gone' });
    await clock.advance(100);
    expect(since()).toEqual(['health', 'lost a', 'provision', 'open a']);
    expect(link.health.ok).toBe(true);
    expect([link.reconnects, clock.pending]).toEqual([0, 0]);
  });

  it('connects once for all that fails together, and opens every end', async () => {
    const { link, end, start, since, clock, steps, lines } = linkBench();
    const ends = [end('a'), end('b'), end('c')];
    await start();
    since();
    steps.healthy = async () => false;
    link.failed(ends[1]!, cut);
    link.failed(ends[0]!, cut);
    await clock.advance(1);
    link.failed(ends[2]!, cut);
    link.failed(ends[2]!, cut);
    steps.healthy = async () => true;
    await clock.advance(300);
    expect(since()).toEqual(['health', 'lost a', 'lost b', 'lost c', 'connect', 'provision', 'open a', 'open b', 'open c']);
    expect([link.health.ok, link.reconnects, clock.pending]).toEqual([true, 1, 0]);
    const said = lines.filter((line) => !line.startsWith('debug'));
    expect(said.map((line) => line.slice(0, line.indexOf('{')))).toEqual([
      'warn transport "cloud" is down and is brought up again ',
      'info transport "cloud" is up again ',
    ]);
    expect(said[0]).toContain('"error":"socket closed"');
    expect(said[1]).toMatch(/"ms":\d+/);
  });

  it('takes a transport that cannot tell its health for gone', async () => {
    for (const healthy of [never, fails(cut)]) {
      const { link, end, start, since, clock, steps } = linkBench();
      const a = end('a');
      await start();
      since();
      steps.healthy = healthy;
      link.failed(a, cut);
      await clock.advance(5_200);
      expect(since()).toEqual(['health', 'lost a', 'connect', 'provision', 'open a']);
      expect(link.health.ok).toBe(true);
    }
  });

  it('keeps trying whatever connect answers, refused credentials too, with pauses of at most 5 s', async () => {
    const { link, end, start, since, clock, steps, lines } = linkBench();
    const a = end('a');
    await start();
    steps.healthy = async () => false;
    steps.connect = fails(denied);
    link.failed(a, cut);
    await clock.advance(60_000);
    since();
    await clock.advance(60_000);
    const tries = since();
    expect(new Set(tries)).toEqual(new Set(['connect']));
    expect(tries.length).toBeGreaterThanOrEqual(11);
    expect(tries.length).toBeLessThanOrEqual(24);
    expect(link.health.why).toBe('wrong password');
    steps.connect = async () => {};
    await clock.advance(5_000);
    expect(link.health.ok).toBe(true);
    expect(lines.filter((line) => !line.startsWith('debug')).length).toBe(2);
  });

  it('does not forget what fails while it recovers', async () => {
    const { link, end, start, since, clock, steps } = linkBench();
    const a = end('a');
    const b = end('b');
    await start();
    since();
    steps.healthy = async () => false;
    link.failed(a, cut);
    await clock.advance(0);
    steps.healthy = async () => true;
    b.onOpen = async () => {
      b.onOpen = async () => {};
      link.failed(b, cut);
      await sleep(clock, 10); // a is open meanwhile
      link.failed(a, cut);
    };
    await clock.advance(1_000);
    expect(since().slice(-4)).toEqual(['lost b', 'provision', 'open a', 'open b']);
    expect([a.isOpen, b.isOpen, a.opens, b.opens, link.health.ok]).toEqual([true, true, 3, 3, true]);
  });

  it('lets an end that opens and fails at once wait longer and longer, while the others go on', async () => {
    const { link, end, start, clock, lines } = linkBench();
    const a = end('a');
    const b = end('b');
    a.onOpen = async () => void clock.timer(1, () => link.failed(a, cut));
    await start();
    await clock.advance(60_000);
    expect(a.opens).toBeGreaterThan(10);
    expect(a.opens).toBeLessThan(30);
    expect([b.opens, b.isOpen, link.reconnects]).toEqual([1, true, 0]);
    a.onOpen = async () => {};
    await clock.advance(20_000);
    expect([a.isOpen, link.health.ok]).toEqual([true, true]);
    const { opens } = a;
    link.failed(a, cut);
    await clock.advance(100);
    expect(a.opens).toBe(opens + 1); // it held for 10 s: the first pause is short again
    expect(lines.some((line) => line.startsWith('error'))).toBe(false);
  });

  it('lets a link that comes up and fails at once wait longer and longer', async () => {
    const { link, end, start, clock, steps, calls } = linkBench();
    const a = end('a');
    await start();
    steps.healthy = async () => false;
    steps.connect = async () => void clock.timer(1, () => link.failed(a, cut));
    link.failed(a, cut);
    await clock.advance(60_000);
    const connects = calls.filter((call) => call === 'connect').length;
    expect(connects).toBeGreaterThan(10);
    expect(connects).toBeLessThan(30);
    expect(link.reconnects).toBe(connects - 1);
  });

  it('opens the other ends where one cannot be opened', async () => {
    const { link, end, start, clock, steps } = linkBench();
    const a = end('a');
    const b = end('b');
    await start();
    steps.healthy = async () => false;
    link.failed(b, cut);
    await clock.advance(0);
    steps.healthy = async () => true;
    a.onOpen = fails(new MessagingError('DENIED', 'no right to read a'));
    await clock.advance(1_000);
    expect([a.isOpen, b.isOpen, b.opens]).toEqual([false, true, 2]);
    expect(link.health).toMatchObject({ ok: false, why: 'no right to read a' });
    a.onOpen = async () => {};
    await clock.advance(5_000);
    expect(link.health.ok).toBe(true);
  });

  it('goes on where an end cannot be closed', async () => {
    const { link, end, start, clock } = linkBench();
    const a = end('a');
    const b = end('b');
    await start();
    a.onLost = fails(new Error('already dead'));
    b.onLost = never;
    link.failed(a, cut);
    link.failed(b, cut);
    await clock.advance(10_000);
    expect([a.opens, b.opens, link.health.ok, clock.pending]).toEqual([2, 2, true, 0]);
  });

  it('tells since when it is down, until every end is open', async () => {
    const { link, end, start, clock, steps } = linkBench();
    const a = end('a');
    await start();
    await clock.advance(1_000);
    const since = clock.now();
    steps.healthy = async () => false;
    steps.connect = fails(refused);
    link.failed(a, cut);
    await clock.advance(5_000);
    expect(link.health).toEqual({ ok: false, why: 'connection refused', since });
    steps.connect = async () => {};
    a.onOpen = never;
    await clock.advance(6_000);
    expect(link.health.ok).toBe(false);
  });

  it('makes no noise with many ends', async () => {
    const warning = vi.fn();
    process.on('warning', warning);
    const { link, end, start, clock } = linkBench();
    const ends = Array.from({ length: 60 }, (_, index) => end(`end ${index}`));
    await start();
    for (const each of ends) link.failed(each, cut);
    await clock.advance(1_000);
    expect(ends.every(({ isOpen, opens }) => isOpen && opens === 2)).toBe(true);
    process.off('warning', warning);
    expect(warning).not.toHaveBeenCalled();
  });
});

describe('ends of a link', () => {
  it('are opened soon where they are added later, without an alarm', async () => {
    const { link, end, start, since, clock, lines } = linkBench();
    await start();
    since();
    const a = end('a');
    expect(link.health.ok).toBe(true);
    await clock.advance(0);
    expect([since(), a.isOpen, link.health.ok]).toEqual([['provision', 'open a'], true, true]);
    expect(lines.filter((line) => !line.startsWith('debug'))).toEqual([]);
  });

  it('are forgotten when they are removed: a recovery ends without them, and nothing runs on them any more', async () => {
    const { link, end, start, since, clock } = linkBench();
    const a = end('a');
    end('b');
    await start();
    let opened!: () => void;
    a.onOpen = () => new Promise((resolve) => (opened = resolve));
    link.failed(a, cut);
    await clock.advance(1_000);
    let removed = false;
    const removing = link.remove(a).then(() => (removed = true));
    await clock.advance(0);
    expect(removed).toBe(false);
    opened();
    await removing;
    await clock.advance(0);
    expect([link.health.ok, clock.pending]).toEqual([true, 0]);
    since();
    link.failed(a, cut);
    await clock.advance(10_000);
    expect(since()).toEqual([]);
    await link.remove(a);
  });
});

describe('closing a link', () => {
  it('ends a recovery, closes the transport once and leaves the ends to who made them', async () => {
    const { link, end, start, since, clock, steps } = linkBench();
    const a = end('a');
    await start();
    steps.healthy = async () => false;
    steps.connect = never;
    link.failed(a, cut);
    await clock.advance(1_000);
    since();
    await Promise.all([link.close(), link.close()]);
    await link.close();
    link.failed(a, cut);
    await clock.advance(60_000);
    expect([since(), link.health, clock.pending]).toEqual([['close'], expect.objectContaining({ ok: false, why: 'closed' }), 0]);
  });

  it('works before start, and where the transport fails or hangs', async () => {
    expect(await linkBench().link.close()).toBeUndefined();
    for (const close of [never, fails(cut)]) {
      const { link, start, clock, steps, lines } = linkBench();
      await start();
      steps.close = close;
      const closed = link.close();
      await clock.advance(10_000);
      await closed;
      expect([clock.pending, lines.filter((line) => line.startsWith('warn')).length]).toEqual([0, 1]);
    }
  });
});
