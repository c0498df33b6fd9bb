import { MessagingError, systemClock, virtualClock } from '@omnibus/core/transport';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Host, hostRounds, hostsOf } from '../src/hosts.js';
import { DEFAULTS } from '../src/options.js';
import { containing, like } from './objects.js';

const parse = (url: string | readonly string[], more = {}) => hostsOf({ ...DEFAULTS, url: [url].flat(), ...more });

describe('a url', () => {
  it.each([
    [
      'amqp://localhost',
      { protocol: 'amqp', hostname: 'localhost', port: 5672, username: 'guest', password: 'guest', vhost: '/' },
    ],
    ['amqps://b-1.example', { protocol: 'amqps', port: 5671 }],
    ['amqp://me:p%40ss@host:1234/a%2Fb', { username: 'me', password: 'p@ss', hostname: 'host', port: 1234, vhost: 'a/b' }],
    ['amqp://me@host/', { username: 'me', password: '', vhost: '/' }],
    ['amqp://[::1]:5673', { hostname: '::1', port: 5673 }],
    ['amqp://host?heartbeat=2', { heartbeatSeconds: 2 }],
    ['amqp://host', { heartbeatSeconds: 10 }],
  ])('%s is understood', (url, host) => {
    expect(parse(url)).toEqual([like(host)]);
  });

  it('gives way to username and password', () => {
    expect(parse('amqp://me:mine@host', { username: 'you', password: 'yours' })).toEqual([
      like({ username: 'you', password: 'yours' }),
    ]);
  });

  it.each([
    ['no URL', 'localhost:5672:secret'],
    ['another protocol', 'http://me:secret@host'],
    ['no host', 'amqp:///secret'],
    ['an unknown parameter', 'amqp://me:secret@host?frameMax=1'],
    ['a heartbeat that is none', 'amqp://me:secret@host?heartbeat=0'],
    ['a % that encodes nothing', 'amqp://me:secret%zz@host'],
  ])('that is wrong (%s) is CONFIG, names its place and keeps its secrets', (_, url) => {
    const error = catchError(() => parse(['amqp://fine', url]));
    expect(error).toMatchObject({ code: 'CONFIG', message: containing("'url[1]'") });
    expect(`${error.message}${String(error.cause)}`).not.toContain('secret');
  });

  it('is needed', () => {
    expect(() => parse([])).toThrow(like({ code: 'CONFIG' }));
  });
});

describe('the rounds over the hosts', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });
  const hosts = parse(['amqp://a', 'amqp://b', 'amqp://c']);
  const until = systemClock.monotonic() + 60_000;

  /** Rounds that begin at `first`, over hosts of which some answer; `tried` is in order. */
  function rounds(first: number, answers: (host: Host) => boolean) {
    vi.spyOn(Math, 'random').mockReturnValue(first / hosts.length);
    const tried: string[] = [];
    const round = hostRounds(hosts, systemClock, 5_000);
    const go = () =>
      round(until, async (host) => {
        tried.push(host.hostname);
        if (!answers(host)) throw new MessagingError('CONNECTION', `rabbitmq: ${host.hostname} is away`);
        return host.hostname;
      });
    return { tried, go };
  }

  it('begin at random and go on to the next host that answers', async () => {
    const { tried, go } = rounds(2, ({ hostname }) => hostname === 'b');
    expect(await go()).toBe('b');
    expect(tried).toEqual(['c', 'a', 'b']);
  });

  it('begin with the last good one afterwards', async () => {
    const { tried, go } = rounds(2, ({ hostname }) => hostname === 'b');
    await go();
    await go();
    expect(tried).toEqual(['c', 'a', 'b', 'b']);
  });

  it('say of every host why it does not let us in', async () => {
    const { tried, go } = rounds(1, () => false);
    await expect(go()).rejects.toMatchObject({
      code: 'CONNECTION',
      retryable: true,
      message: 'rabbitmq: no host lets us in: b is away; c is away; a is away',
    });
    expect(tried).toEqual(['b', 'c', 'a']);
  });

  it('end at once where a host refuses for good', async () => {
    const denied = new MessagingError('DENIED', 'no');
    vi.spyOn(Math, 'random').mockReturnValue(0);
    let calls = 0;
    const round = hostRounds(
      hosts,
      systemClock,
      5_000,
    )(until, async () => {
      calls += 1;
      throw denied;
    });
    await expect(round).rejects.toBe(denied);
    expect(calls).toBe(1);
  });

  it('end with their time, each host getting no more than is left, and go on with the next host in the next call', async () => {
    const clock = virtualClock();
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const round = hostRounds(hosts, clock, 5_000);
    const given: [string, number][] = [];
    const away = (host: Host, timeoutMs: number): Promise<never> => {
      given.push([host.hostname, timeoutMs]);
      return new Promise((_, reject) => clock.timer(timeoutMs, () => reject(new MessagingError('CONNECTION', 'away'))));
    };
    const first = round(clock.monotonic() + 9_000, away);
    first.catch(() => undefined);
    await clock.advance(20_000);
    await expect(first).rejects.toMatchObject({ code: 'CONNECTION' });
    expect(given).toEqual([
      ['a', 5_000],
      ['b', 4_000],
    ]);
    void round(clock.monotonic() + 9_000, away).catch(() => undefined);
    expect(given.at(-1)).toEqual(['c', 5_000]);
  });
});

function catchError(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
