import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { reset, stallOf } from '../src/fault-link.js';
import { FaultProxy, seeded } from '../src/fault-proxy.js';
import { Bench, eventually } from './support/bench.js';
import { EchoServer } from './support/echo.js';

const bench = Bench.forEachTest();

describe('a healthy proxy', () => {
  it('passes bytes both ways, counts them, and passes the end on', async () => {
    const client = await bench.dial();
    client.send('ping');
    await client.has(4);
    expect(client.received.toString()).toBe('ping');
    expect(bench.proxy.counts).toEqual({ accepted: 1, refused: 0, open: 1, up: 4, down: 4 });
    client.socket.end();
    expect(await client.ended).toBe('end');
    await eventually('the link is forgotten', () => expect(bench.proxy.counts.open).toBe(0));
    expect(bench.echo.ends).toEqual(['end']);
  });

  it('passes what the upstream still sends after the client has ended its half', async () => {
    const late = await EchoServer.listen({ silent: true });
    bench.proxy.upstream = late.at;
    const client = await bench.dial();
    client.socket.end('question');
    await eventually('the question has come', () => expect(late.received[0]?.toString()).toBe('question'));
    late.sockets[0]?.end('answer');
    expect(await client.ended).toBe('end');
    expect(client.received.toString()).toBe('answer');
    await late.close();
  });

  it('passes what the client still sends after the upstream has ended its half', async () => {
    const early = await EchoServer.listen({ silent: true });
    bench.proxy.upstream = early.at;
    const client = await bench.dial({ allowHalfOpen: true });
    client.send('question');
    await eventually('the question has come', () => expect(early.received[0]?.toString()).toBe('question'));
    early.sockets[0]?.end('enough');
    expect(await client.ended).toBe('end');
    client.socket.end(', and one more');
    await eventually('it has come all the same', () => expect(early.received[0]?.toString()).toBe('question, and one more'));
    await early.close();
  });

  it('leads new connections to a swapped upstream and leaves the others where they are', async () => {
    const old = await bench.dialThrough();
    const other = await EchoServer.listen();
    bench.proxy.upstream = other.at;
    const fresh = await bench.dialThrough();
    old.send('old');
    fresh.send('new');
    await Promise.all([old.has(8), fresh.has(8)]);
    expect(bench.echo.received.map(String)).toEqual(['helloold']);
    expect(other.received.map(String)).toEqual(['hellonew']);
    fresh.socket.destroy();
    await other.close();
  });

  it('resets the client when the upstream cannot be reached', async () => {
    await bench.echo.close();
    const client = await bench.dial();
    expect(await client.ended).toBe('reset');
    bench.echo = await EchoServer.listen();
  });

  it('passes a reset on', async () => {
    const client = await bench.dialThrough();
    client.socket.resetAndDestroy();
    await eventually('the upstream sees it', () => expect(bench.echo.ends).toEqual(['reset']));
  });

  it('names a URL through itself, with everything else kept', async () => {
    expect(bench.proxy.url('amqp://user:pa%2Fss@broker.example:5672/vhost?heartbeat=2')).toBe(
      `amqp://user:pa%2Fss@127.0.0.1:${bench.proxy.port}/vhost?heartbeat=2`,
    );
    await using inFront = await FaultProxy.inFrontOf(`amqp://guest:guest@127.0.0.1:${bench.echo.at.port}?heartbeat=2`);
    expect(inFront.upstream).toEqual(bench.echo.at);
    await expect(FaultProxy.inFrontOf('amqp://localhost')).rejects.toThrow('must name its port');
  });
});

describe('bytes under slices, jitter, stalls, latency and a limited rate', () => {
  it('come whole and in order, whatever the pieces', async () => {
    const toxics = fc.record(
      {
        sliceBytes: fc.integer({ min: 1, max: 700 }),
        jitterMs: fc.integer({ min: 0, max: 3 }),
        bytesPerSec: fc.constantFrom(1e6, 1e9),
        stalls: fc.constant({ chance: 0.5, minMs: 0, maxMs: 3 }),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        toxics,
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), { minLength: 1, maxLength: 8 }),
        async (wrong, chunks) => {
          bench.proxy.set(wrong);
          const client = await bench.dial();
          for (const chunk of chunks) client.send(Buffer.from(chunk));
          const sent = Buffer.concat(chunks);
          await client.has(sent.length);
          expect(client.received.equals(sent)).toBe(true);
          client.socket.destroy();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('wait for the latency, and pass at once when it is taken away', async () => {
    const client = await bench.dialThrough();
    bench.proxy.set({ latencyMs: 3_600_000 });
    client.send('slow');
    await eventually('the proxy holds them', () => expect(bench.proxy.counts.up).toBe(5));
    bench.proxy.heal();
    await client.has(9);
    bench.proxy.set({ latencyMs: 40 });
    const began = performance.now();
    client.send('x');
    await client.has(10);
    expect(performance.now() - began).toBeGreaterThan(78); // 40 each way; a lower bound, which no load breaks
  });

  it('take as long as the rate says at least', async () => {
    bench.proxy.set({ bytesPerSec: 10_000 });
    const client = await bench.dial();
    const began = performance.now();
    client.send(Buffer.alloc(2_000));
    await client.has(2_000);
    expect(performance.now() - began).toBeGreaterThan(150); // 2,000 bytes less the last piece at 10,000 a second
  });

  it('wait for a chunk that stalls, and pass at once when stalls are taken away', async () => {
    const client = await bench.dialThrough();
    bench.proxy.set({ stalls: { chance: 1, minMs: 3_600_000, maxMs: 3_600_000 } });
    client.send('slow');
    await eventually('the proxy holds them', () => expect(bench.proxy.counts.up).toBe(5));
    bench.proxy.heal();
    await client.has(9);
    bench.proxy.set({ stalls: { chance: 1, minMs: 40, maxMs: 50 } });
    const began = performance.now();
    client.send('x');
    await client.has(10);
    expect(performance.now() - began).toBeGreaterThan(78); // as with the latency
  });

  it('are refused as settings that could pass nothing', () => {
    expect(() => bench.proxy.set({ bytesPerSec: 0 })).toThrow('there is blackhole');
    expect(() => bench.proxy.set({ sliceBytes: 0 })).toThrow(RangeError);
    expect(() => bench.proxy.set({ latencyMs: -1 })).toThrow(RangeError);
    expect(() => bench.proxy.set({ latencyMs: Number.NaN })).toThrow(RangeError);
    expect(() => bench.proxy.set({ stalls: { chance: 2, minMs: 0, maxMs: 0 } })).toThrow('chance');
    expect(() => bench.proxy.set({ stalls: { chance: 1, minMs: 2, maxMs: 1 } })).toThrow(RangeError);
  });
});

describe('refusing', () => {
  it('resets new connections, leaves the existing ones, and ends when it is taken away', async () => {
    const old = await bench.dialThrough();
    bench.proxy.set({ refuse: true });
    // The reset may come before the client has noticed that it is connected.
    expect(
      await bench.dial().then(
        (client) => client.ended,
        (error: unknown) => (error as NodeJS.ErrnoException).code,
      ),
    ).toMatch(/^(reset|ECONNRESET)$/);
    old.send('!');
    await old.has(6);
    bench.proxy.heal();
    await bench.dialThrough();
    expect(bench.proxy.counts).toMatchObject({ accepted: 2, refused: 1 });
  });
});

it('is not had on a port that is taken', async () => {
  await expect(FaultProxy.listen({ upstream: bench.echo.at, port: bench.proxy.port })).rejects.toThrow('EADDRINUSE');
});

describe('closing', () => {
  it('may be done twice, leaves no socket, timer or listener, and frees the port', async () => {
    const [set, cleared] = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'clearTimeout')];
    onTestFinished(() => void vi.restoreAllMocks());
    const longTimers = (): readonly NodeJS.Timeout[] =>
      set.mock.calls.flatMap(([, ms], call) => ((ms ?? 0) > 3_000_000 ? [set.mock.results[call]?.value as NodeJS.Timeout] : []));
    const [client, frozen] = [await bench.dialThrough(), await bench.dialThrough()];
    bench.proxy.halfOpen();
    const waiting = await bench.dialThrough();
    bench.proxy.set({ latencyMs: 3_600_000, blackhole: 'down' });
    waiting.send('still on its way');
    await eventually('it is held', () => expect(longTimers()).not.toEqual([]));
    await Promise.all([bench.proxy.close(), bench.proxy.close()]);
    await bench.proxy.close();
    expect(await Promise.all([client.ended, frozen.ended, waiting.ended])).toEqual(['reset', 'reset', 'reset']);
    expect(bench.proxy.counts.open).toBe(0);
    await eventually('no socket is left', () => expect(bench.echo.sockets).toEqual([]));
    for (const timer of longTimers()) expect(cleared).toHaveBeenCalledWith(timer);
    const refused = await new Promise((resolve) => connect({ port: bench.proxy.port, host: '127.0.0.1' }).once('error', resolve));
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('closes a socket that is just sending its own end', async () => {
    const socket = connect({ port: bench.echo.at.port, host: '127.0.0.1' });
    await once(socket, 'connect');
    const failed = vi.fn();
    socket.on('error', failed);
    const closed = once(socket, 'close');
    socket.end();
    reset(socket);
    await closed;
    expect(failed).not.toHaveBeenCalled();
  });

  it('does not wait for an upstream that never answers the connect', async () => {
    bench.proxy.upstream = { host: '192.0.2.1', port: 9 }; // TEST-NET-1 (RFC 5737): nobody is there
    const client = await bench.dial();
    await eventually('it is accepted', () => expect(bench.proxy.counts.accepted).toBe(1));
    await bench.proxy.close();
    expect(await client.ended).toBe('reset');
  });
});

it('draws the same jitter from the same seed', () => {
  const draw = (seed: number): number[] => Array.from({ length: 5 }, seeded(seed));
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(draw(7).every((value) => value >= 0 && value < 1)).toBe(true);
});

it('stalls so many of the chunks as it is told, each between the shortest and the longest', () => {
  const stalls = { chance: 0.05, minMs: 200, maxMs: 1_000 };
  const drawn = Array.from({ length: 10_000 }, seeded(1)).map((luck) => stallOf(luck, stalls));
  const stalled = drawn.filter((ms) => ms > 0);
  expect(stalled.length / drawn.length).toBeCloseTo(0.05, 2);
  expect(Math.min(...stalled)).toBeGreaterThanOrEqual(200);
  expect(Math.max(...stalled)).toBeLessThanOrEqual(1_000);
  expect(Math.max(...stalled) - Math.min(...stalled)).toBeGreaterThan(700);
  expect(stallOf(0, undefined)).toBe(0);
});
