import { afterEach, describe, expect, it, vi } from 'vitest';
import { sleep } from '../../src/transport/clock.js';
import { MessagingError } from '../../src/transport/errors.js';
import { cut, denied, fails, linkBench, never, refused } from './link-fakes.js';

describe('recovery of a link', () => {
  afterEach(() => void vi.restoreAllMocks());

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
    link.failed(ends[2]!, denied); // it is known already
    expect(link.health.why).toBe('socket closed');
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

  it('comes up again though no end has failed, once somebody saw that messages cannot flow', async () => {
    const { link, end, start, since, clock, steps, lines } = linkBench();
    end('a');
    await start();
    since();
    link.doubt();
    await clock.advance(100);
    expect([since(), link.health.ok]).toEqual([['health'], true]); // it was wrong
    steps.healthy = async () => false;
    link.doubt();
    link.doubt();
    await clock.advance(0);
    expect(link.health).toMatchObject({ ok: false, why: expect.stringContaining('no heartbeat') });
    steps.healthy = async () => true;
    await clock.advance(300);
    expect(since()).toEqual(['health', 'lost a', 'connect', 'provision', 'open a']);
    expect([link.health.ok, link.reconnects, clock.pending]).toEqual([true, 1, 0]);
    expect(lines.filter((line) => line.startsWith('warn'))).toHaveLength(1);
  });

  it('leaves a link alone that stands, whatever its health: its other ends go on', async () => {
    const { link, end, start, since, clock, steps } = linkBench();
    const a = end('a');
    end('b');
    await start();
    since();
    steps.healthy = async () => 'stands';
    link.doubt();
    await clock.advance(1_000);
    expect([since(), link.health.ok]).toEqual([['health'], true]);
    link.failed(a, new MessagingError('NOT_FOUND', 'queue is gone'));
    await clock.advance(1_000);
    expect(since()).toEqual(['health', 'lost a', 'provision', 'open a']);
    expect([link.reconnects, clock.pending]).toEqual([0, 0]);
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

  it('does not forget what fails while it recovers', async ({ onTestFinished }) => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5); // both are due within one go
    onTestFinished(() => random.mockRestore());
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

  it('starts with short pauses again once the link has held', async () => {
    const { link, end, start, since, clock, steps, lines } = linkBench();
    const a = end('a');
    await start();
    for (const holdMs of [60_000, 60_000]) {
      steps.healthy = async () => false;
      steps.connect = fails(refused);
      link.failed(a, cut);
      await clock.advance(60_000);
      steps.healthy = async () => true;
      steps.connect = async () => {};
      await clock.advance(holdMs);
      expect(link.health.ok).toBe(true);
    }
    expect(lines.map((line) => line.slice(0, 4)).filter((level) => level !== 'debu')).toEqual(['warn', 'info', 'warn', 'info']);
    since();
    steps.healthy = async () => false;
    link.failed(a, cut);
    await clock.advance(150);
    expect(since()).toContain('connect');
  });

  it('does not hurry an end that keeps failing because another one failed', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const { link, end, start, clock } = linkBench();
    const a = end('a');
    const b = end('b');
    await start();
    await clock.advance(60_000);
    a.onOpen = fails(denied);
    link.failed(a, cut);
    await clock.advance(60_000);
    const { opens } = a;
    expect(opens).toBeLessThan(30);
    while (a.opens === opens) await clock.advance(100);
    await clock.advance(1_000);
    link.failed(b, cut);
    await clock.advance(200);
    expect([b.isOpen, b.opens, a.opens]).toEqual([true, 2, opens + 1]);
  });

  it('counts a failure once that an end both reports and throws', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const { link, end, start, clock } = linkBench();
    const a = end('a');
    await start();
    a.onOpen = () => {
      link.failed(a, cut);
      return Promise.reject(cut);
    };
    link.failed(a, cut);
    await clock.advance(100 + 200 + 400 + 800);
    expect(a.opens).toBe(1 + 4);
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

  it('opens many ends in one go', async () => {
    const warning = vi.fn();
    process.on('warning', warning);
    const { link, end, start, clock, calls } = linkBench();
    const ends = Array.from({ length: 60 }, (_, index) => end(`end ${index}`));
    await start();
    for (const each of ends) link.failed(each, cut);
    await clock.advance(1_000);
    expect(ends.every(({ isOpen, opens }) => isOpen && opens === 2)).toBe(true);
    expect(calls.filter((call) => call === 'provision').length).toBe(2);
    process.off('warning', warning);
    expect(warning).not.toHaveBeenCalled();
  });
});
