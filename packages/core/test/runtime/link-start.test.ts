import { describe, expect, it } from 'vitest';
import { MessagingError } from '../../src/transport/errors.js';
import { ended } from './fakes.js';
import { denied, fails, linkBench, never, refused } from './link-fakes.js';

describe('starting a link', () => {
  it('connects, then provisions, then opens every end', async () => {
    const { link, end, start, calls, clock, lines } = linkBench();
    end('a');
    end('b');
    expect(link.health).toMatchObject({ ok: false, why: 'not started' });
    await start();
    expect(calls).toEqual(['connect', 'provision', 'open a', 'open b']);
    expect(link.health).toMatchObject({ ok: true, why: undefined });
    expect([link.reconnects, clock.pending]).toEqual([0, 0]);
    expect(lines.filter((line) => !line.startsWith('debug'))).toEqual([]);
  });

  it('provisions where there is no end', async () => {
    const { start, calls } = linkBench();
    await start();
    expect(calls).toEqual(['connect', 'provision']);
  });

  it('tries again with growing pauses while the broker cannot be reached', async () => {
    const { link, end, start, calls, clock, steps, lines } = linkBench();
    end('a');
    steps.connect = fails(refused);
    const started = start();
    await clock.advance(40);
    expect([calls.length, link.health.why]).toEqual([1, 'connection refused']);
    await clock.advance(30_000);
    expect(calls.length).toBeGreaterThan(8);
    expect(calls.length).toBeLessThan(25);
    steps.connect = async () => {};
    await clock.advance(5_000);
    await started;
    expect(link.health.ok).toBe(true);
    expect(lines.filter((line) => !line.startsWith('debug')).map((line) => line.slice(0, line.indexOf('{')))).toEqual([
      'warn transport "cloud" is down and is brought up again ',
      'info transport "cloud" is up again ',
    ]);
  });

  it.each(['DENIED', 'CAPABILITY', 'TOPOLOGY', 'CONFIG'] as const)(
    'rejects at once with %s, wherever it comes from',
    async (code) => {
      const error = new MessagingError(code, 'said the broker');
      for (const from of ['connect', 'provision', 'open', 'end'] as const) {
        const { link, end, start, clock, steps } = linkBench();
        const a = end('a');
        if (from === 'open') a.onOpen = fails(error);
        else if (from === 'end') a.onOpen = async () => link.failed(a, error);
        else steps[from] = fails(error);
        await expect(start()).rejects.toBe(error);
        expect([link.health.ok, clock.pending]).toEqual([false, 0]);
        await link.close();
      }
    },
  );

  it('tries again what may pass: provisioning, and one end', async () => {
    const { end, start, since, clock, steps } = linkBench();
    const a = end('a');
    end('b');
    a.onOpen = fails(new MessagingError('TIMEOUT', 'no answer'));
    steps.provision = fails(new MessagingError('THROTTLED', 'slow down'));
    const started = start();
    await clock.advance(0);
    expect(since()).toEqual(['connect', 'provision', 'health']);
    steps.provision = async () => {};
    await clock.advance(100);
    expect(since()).toEqual(['provision', 'open a', 'open b', 'health', 'lost a']);
    a.onOpen = async () => {};
    await clock.advance(100);
    await started;
    expect(since()).toEqual(['provision', 'open a']);
  });

  it('gives up a connect that hangs after 10 s and tries again', async () => {
    const { link, start, calls, clock, steps } = linkBench();
    steps.connect = never;
    const started = start();
    await clock.advance(9_999);
    expect(calls).toEqual(['connect']);
    steps.connect = async () => {};
    await clock.advance(101);
    await started;
    expect([calls, link.reconnects]).toEqual([['connect', 'connect', 'provision'], 0]);
  });

  it('is given up by the signal, and says what the last try met', async () => {
    const { link, clock, steps } = linkBench();
    const abort = new AbortController();
    steps.connect = fails(refused);
    const started = ended(link.start(abort.signal));
    await clock.advance(1_000);
    steps.connect = never;
    await clock.advance(5_000);
    abort.abort(new Error('startTimeoutMs'));
    expect(await started).toBe('CONNECTION failed: transport "cloud" did not come up in time: connection refused');
    expect(clock.pending).toBe(0);
    await link.close();
  });

  it.each(['connect', 'provision'] as const)('is given up by the signal while %s hangs', async (step) => {
    const { link, clock, steps } = linkBench();
    const abort = new AbortController();
    steps[step] = never;
    const started = ended(link.start(abort.signal));
    await clock.advance(1_000);
    abort.abort(new Error('startTimeoutMs'));
    expect(await started).toBe('CONNECTION failed: transport "cloud" did not come up in time: startTimeoutMs');
    expect(clock.pending).toBe(0);
  });

  it('is given up by the signal between two tries', async () => {
    const { link, clock, steps } = linkBench();
    const abort = new AbortController();
    steps.connect = fails(refused);
    const started = ended(link.start(abort.signal));
    await clock.advance(10_000);
    expect(clock.pending).toBe(1);
    abort.abort();
    expect(await started).toMatch(/^CONNECTION/);
    expect(clock.pending).toBe(0);
  });

  it('tries again an end that loses its link meanwhile', async () => {
    const { link, end, start, clock } = linkBench();
    const a = end('a');
    a.onOpen = async () => {
      a.onOpen = async () => {};
      link.failed(a, new MessagingError('LOST', 'channel closed'));
    };
    const started = start();
    await clock.advance(200);
    await started;
    expect([a.opens, a.isOpen, link.health.ok]).toEqual([2, true, true]);
  });

  it('is given up by close', async () => {
    const { link, start, clock, steps, calls } = linkBench();
    steps.connect = fails(denied);
    steps.connect = never;
    const started = ended(start());
    await clock.advance(1_000);
    await link.close();
    expect(await started).toBe('CLOSED failed: transport "cloud" is closed');
    expect([calls, clock.pending]).toEqual([['connect', 'close'], 0]);
  });

  it('happens once', async () => {
    const { link, start } = linkBench();
    await start();
    expect(await ended(start())).toMatch(/^CLOSED/);
    await link.close();
    expect(await ended(start())).toMatch(/^CLOSED/);
  });
});
