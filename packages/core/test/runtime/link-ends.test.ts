import { describe, expect, it } from 'vitest';
import { sleep } from '../../src/transport/clock.js';
import { cut, fails, linkBench, never, refused } from './link-fakes.js';

describe('ends of a link', () => {
  it('are opened soon where they are added later, without an alarm', async () => {
    const { link, end, start, since, clock, lines } = linkBench();
    await start();
    const { health } = link;
    await clock.advance(1_000);
    since();
    const a = end('a');
    expect(link.health).toBe(health);
    await clock.advance(0);
    expect([since(), a.isOpen]).toEqual([['provision', 'open a'], true]);
    expect(link.health).toBe(health);
    expect(lines.filter((line) => !line.startsWith('debug'))).toEqual([]);
  });

  it('no longer matter once they are removed, even when opening them fails after that', async () => {
    const { link, end, start, clock, lines } = linkBench();
    await start();
    const a = end('a');
    a.onOpen = () => new Promise((_, reject) => clock.timer(100, () => reject(cut)));
    await clock.advance(10);
    const removed = link.remove(a);
    await clock.advance(1_000);
    await removed;
    expect([link.health.ok, lines.filter((line) => line.startsWith('warn'))]).toEqual([true, []]);
  });

  it('have said that the link is gone, even when they are removed right after', async () => {
    const { link, end, start, clock, steps } = linkBench();
    const a = end('a');
    const b = end('b');
    await start();
    end('c').onOpen = () => sleep(clock, 50);
    await clock.advance(10);
    steps.healthy = async () => false;
    link.failed(a, cut); // while another end is opened
    await Promise.all([link.remove(a), clock.advance(300)]);
    expect([b.opens, b.isOpen, link.reconnects, link.health.ok]).toEqual([2, true, 1, true]);
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

  it('says nothing of the steps that it ends', async () => {
    const { link, end, start, clock, lines } = linkBench();
    await start();
    end('a').onOpen = never;
    await clock.advance(10);
    await link.close();
    expect(lines.filter((line) => line.startsWith('warn'))).toEqual([]);
  });

  it('ends a pause between two tries', async () => {
    const { link, end, start, since, clock, steps } = linkBench();
    const a = end('a');
    const b = end('b');
    await start();
    steps.connect = fails(refused);
    steps.healthy = async () => false;
    link.failed(a, cut);
    await clock.advance(20_000);
    since();
    await link.close();
    expect([since(), clock.pending]).toEqual([['close'], 0]);
    link.failed(b, cut);
    expect(link.health.why).toBe('closed');
  });

  it('is not undone by an end that fails after it', async () => {
    const { link, end, start, since, clock, lines } = linkBench();
    const a = end('a');
    await start();
    await link.close();
    since();
    link.failed(a, cut);
    await clock.advance(10_000);
    expect([link.health.why, since(), lines.filter((line) => line.startsWith('warn'))]).toEqual(['closed', [], []]);
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
