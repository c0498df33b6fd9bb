import fc from 'fast-check';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { until } from '../src/deadline.js';
import { FaultProxy, seeded } from '../src/fault-proxy.js';
import { Client, EchoServer } from './support/echo.js';

let echo: EchoServer;
let proxy: FaultProxy;
const clients: Client[] = [];

beforeEach(async () => {
  echo = await EchoServer.listen();
  proxy = await FaultProxy.listen({ upstream: echo.at });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await proxy.close();
  await echo.close();
});

async function dial(options = {}): Promise<Client> {
  const client = await Client.connect(proxy.port, options);
  clients.push(client);
  return client;
}

/** A client whose link is known to be open on both sides. */
async function dialThrough(): Promise<Client> {
  const client = await dial();
  client.send('hello');
  await client.has(5);
  return client;
}

const eventually = (what: string, check: () => void): Promise<void> => until(5_000, what, async () => check());

/** More than every buffer of sockets, kernel and proxy on the way: 64 MB in chunks of 64 KB. */
const CHUNKS = 1_024;

/** A number that grows, once it does not grow any more. */
async function settled(read: () => number): Promise<number> {
  for (let [last, same] = [-1, 0]; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
    same = read() === last ? same + 1 : 0;
    last = read();
    if (same === 10) return last;
  }
}

describe('a healthy proxy', () => {
  it('passes bytes both ways, counts them, and passes the end on', async () => {
    const client = await dial();
    client.send('ping');
    await client.has(4);
    expect(client.received.toString()).toBe('ping');
    expect(proxy.counts).toEqual({ accepted: 1, refused: 0, open: 1, up: 4, down: 4 });
    client.socket.end();
    expect(await client.ended).toBe('end');
    await eventually('the link is forgotten', () => expect(proxy.counts.open).toBe(0));
    expect(echo.ends).toEqual(['end']);
  });

  it('passes what the upstream still sends after the client has ended its half', async () => {
    const late = await EchoServer.listen({ silent: true });
    proxy.upstream = late.at;
    const client = await dial();
    client.socket.end('question');
    await eventually('the question has come', () => expect(late.received[0]?.toString()).toBe('question'));
    late.sockets[0]?.end('answer');
    expect(await client.ended).toBe('end');
    expect(client.received.toString()).toBe('answer');
    await late.close();
  });

  it('passes what the client still sends after the upstream has ended its half', async () => {
    const early = await EchoServer.listen({ silent: true });
    proxy.upstream = early.at;
    const client = await dial({ allowHalfOpen: true });
    client.send('question');
    await eventually('the question has come', () => expect(early.received[0]?.toString()).toBe('question'));
    early.sockets[0]?.end('enough');
    expect(await client.ended).toBe('end');
    client.socket.end(', and one more');
    await eventually('it has come all the same', () => expect(early.received[0]?.toString()).toBe('question, and one more'));
    await early.close();
  });

  it('leads new connections to a swapped upstream and leaves the others where they are', async () => {
    const old = await dialThrough();
    const other = await EchoServer.listen();
    proxy.upstream = other.at;
    const fresh = await dialThrough();
    old.send('old');
    fresh.send('new');
    await Promise.all([old.has(8), fresh.has(8)]);
    expect(echo.received.map(String)).toEqual(['helloold']);
    expect(other.received.map(String)).toEqual(['hellonew']);
    fresh.socket.destroy();
    await other.close();
  });

  it('resets the client when the upstream cannot be reached', async () => {
    await echo.close();
    const client = await dial();
    expect(await client.ended).toBe('reset');
    echo = await EchoServer.listen();
  });

  it('passes a reset on', async () => {
    const client = await dialThrough();
    client.socket.resetAndDestroy();
    await eventually('the upstream sees it', () => expect(echo.ends).toEqual(['reset']));
  });

  it('names a URL through itself, with everything else kept', async () => {
    expect(proxy.url('amqp://user:pa%2Fss@broker.example:5672/vhost?heartbeat=2')).toBe(`amqp://user:pa%2Fss@127.0.0.1:${proxy.port}/vhost?heartbeat=2`);
    await using inFront = await FaultProxy.inFrontOf(`amqp://guest:guest@127.0.0.1:${echo.at.port}?heartbeat=2`);
    expect(inFront.upstream).toEqual(echo.at);
    await expect(FaultProxy.inFrontOf('amqp://localhost')).rejects.toThrow('must name its port');
  });
});

describe('bytes under slices, jitter, latency and a limited rate', () => {
  it('come whole and in order, whatever the pieces', async () => {
    const toxics = fc.record({ sliceBytes: fc.integer({ min: 1, max: 700 }), jitterMs: fc.integer({ min: 0, max: 3 }), bytesPerSec: fc.constantFrom(1e6, 1e9) }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(toxics, fc.array(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), { minLength: 1, maxLength: 8 }), async (wrong, chunks) => {
        proxy.set(wrong);
        const client = await dial();
        for (const chunk of chunks) client.send(Buffer.from(chunk));
        const sent = Buffer.concat(chunks);
        await client.has(sent.length);
        expect(client.received.equals(sent)).toBe(true);
        client.socket.destroy();
      }),
      { numRuns: 25 },
    );
  });

  it('wait for the latency, and pass at once when it is taken away', async () => {
    const client = await dialThrough();
    proxy.set({ latencyMs: 3_600_000 });
    client.send('slow');
    await eventually('the proxy holds them', () => expect(proxy.counts.up).toBe(5));
    proxy.heal();
    await client.has(9);
    proxy.set({ latencyMs: 40 });
    const began = performance.now();
    client.send('x');
    await client.has(10);
    expect(performance.now() - began).toBeGreaterThan(78); // 40 each way; a lower bound, which no load breaks
  });

  it('take as long as the rate says at least', async () => {
    proxy.set({ bytesPerSec: 10_000 });
    const client = await dial();
    const began = performance.now();
    client.send(Buffer.alloc(2_000));
    await client.has(2_000);
    expect(performance.now() - began).toBeGreaterThan(150); // 2,000 bytes less the last piece at 10,000 a second
  });

  it('are refused as settings that could pass nothing', () => {
    expect(() => proxy.set({ bytesPerSec: 0 })).toThrow('there is blackhole');
    expect(() => proxy.set({ sliceBytes: 0 })).toThrow(RangeError);
    expect(() => proxy.set({ latencyMs: -1 })).toThrow(RangeError);
    expect(() => proxy.set({ latencyMs: Number.NaN })).toThrow(RangeError);
  });
});

describe('a black hole', () => {
  it('holds what goes up, and the end of the link, and lets both pass when it is lifted', async () => {
    const client = await dialThrough();
    proxy.set({ blackhole: 'up' });
    client.socket.end('held');
    echo.sockets[0]?.write('down still works');
    await client.has(21);
    expect(echo.received[0]?.toString()).toBe('hello');
    expect(echo.ends).toEqual([]);
    proxy.heal();
    await eventually('it has passed', () => expect(echo.received[0]?.toString()).toBe('helloheld'));
    expect(await client.ended).toBe('end');
  });

  it('down and then a cut: the upstream has the bytes, the client never gets the answer', async () => {
    const client = await dialThrough();
    proxy.set({ blackhole: 'down' });
    client.send('publish');
    await eventually('it has arrived', () => expect(echo.received[0]?.toString()).toBe('hellopublish'));
    proxy.cutAll();
    expect(await client.ended).toBe('reset');
    expect(client.received.toString()).toBe('hello');
    await eventually('the upstream sees it', () => expect(echo.ends).toEqual(['reset']));
  });

  it('keeps back-pressure: the sender is stopped, and all of it passes later', async () => {
    const client = await dialThrough();
    proxy.set({ blackhole: 'both' });
    let written = 0;
    for (let i = 0; i < CHUNKS; i++) client.socket.write(Buffer.alloc(64 * 1024), () => (written += 1));
    expect(await settled(() => written)).toBeLessThan(CHUNKS);
    expect(proxy.counts.up).toBe(5);
    proxy.heal();
    await client.has(CHUNKS * 64 * 1024 + 5);
    expect(proxy.counts.down).toBe(CHUNKS * 64 * 1024 + 5);
  });
});

it('keeps back-pressure of an upstream that does not read', async () => {
  const slow = await EchoServer.listen({ silent: true });
  proxy.upstream = slow.at;
  const client = await dial();
  client.send('x');
  await eventually('it is connected', () => expect(slow.received[0]?.length).toBe(1));
  slow.sockets[0]?.pause();
  for (let i = 0; i < CHUNKS; i++) client.send(Buffer.alloc(64 * 1024));
  expect(await settled(() => proxy.counts.up)).toBeLessThan(CHUNKS * 64 * 1024);
  slow.sockets[0]?.resume();
  await eventually('all has come', () => expect(slow.received[0]?.length).toBe(CHUNKS * 64 * 1024 + 1));
  await slow.close();
});

describe('a half-open link', () => {
  it('is frozen for good at both ends, which hear nothing, while new links are healthy', async () => {
    const dead = await dialThrough();
    proxy.halfOpen();
    dead.send('into nothing');
    const alive = await dialThrough();
    dead.socket.resetAndDestroy(); // not even this reaches the upstream
    proxy.heal();
    alive.send('!');
    await alive.has(6);
    expect(echo.received.map(String)).toEqual(['hello', 'hello!']);
    expect(echo.ends).toEqual([]);
    expect(proxy.counts.open).toBe(2);
    proxy.cutAll();
    await eventually('the upstream hears of it', () => expect(echo.ends).toEqual(['reset', 'reset']));
  });
});

describe('a cut', () => {
  it('comes after exactly so many bytes up: they arrive and then the end, the sender gets a reset', async () => {
    proxy.set({ cutAfterBytes: { up: 7 } });
    const client = await dialThrough();
    client.send('12345');
    expect(await client.ended).toBe('reset');
    await eventually('the upstream has seven bytes', () => expect(echo.received[0]?.toString()).toBe('hello12'));
    await eventually('the upstream sees the end', () => expect(echo.ends).toEqual(['end']));
    expect(proxy.counts.up).toBe(7);
  });

  it('comes with the last byte of the amount, and at once where more have passed already', async () => {
    const earlier = await dialThrough();
    proxy.set({ cutAfterBytes: { up: 3 } });
    const client = await dial();
    client.send('abc');
    expect(await client.ended).toBe('reset');
    earlier.send('!');
    expect(await earlier.ended).toBe('reset');
    await eventually('the upstream sees the ends', () => expect(echo.ends).toEqual(['end', 'end']));
    expect(echo.received.map(String)).toEqual(['hello', 'abc']);
  });

  it('comes after exactly so many bytes down', async () => {
    proxy.set({ cutAfterBytes: { down: 3 } });
    const client = await dial();
    client.send('hello');
    expect(await client.ended).toBe('end');
    expect(client.received.toString()).toBe('hel');
  });

  it('comes at the moment named, behind the chunk: it arrives, and no answer comes back', async () => {
    const [client, other] = [await dialThrough(), await dialThrough()];
    const cut = proxy.cutWhen((direction, chunk) => direction === 'up' && chunk.includes('publish'));
    other.send('other');
    await other.has(10);
    client.send('publish 1');
    await cut;
    expect(await client.ended).toBe('reset');
    await eventually('it has arrived', () => expect(echo.received[0]?.toString()).toBe('hellopublish 1'));
    expect(client.received.toString()).toBe('hello');
    other.send('publish 2'); // once only
    await other.has(19);
  });

  it('comes at the moment named, before the chunk: the confirm is lost', async () => {
    const client = await dialThrough();
    const cut = proxy.cutWhen((direction, chunk, link) => direction === 'down' && link === 1 && chunk.includes('confirm'), 'before');
    client.send('confirm 1');
    await cut;
    expect(await client.ended).toBe('reset');
    expect(client.received.toString()).toBe('hello');
    expect(echo.received[0]?.toString()).toBe('helloconfirm 1');
    await eventually('the upstream sees it', () => expect(echo.ends).toEqual(['reset']));
  });

  it('that never came is rejected by close, and a predicate that throws breaks nothing', async () => {
    const broken = proxy.cutWhen(() => {
      throw new Error('the predicate is wrong');
    });
    const never = proxy.cutWhen(() => false);
    const client = await dialThrough();
    expect(client.received.toString()).toBe('hello');
    await expect(broken).rejects.toThrow('the predicate is wrong');
    await proxy.close();
    await expect(never).rejects.toThrow('closed before the moment');
  });
});

describe('refusing', () => {
  it('resets new connections, leaves the existing ones, and ends when it is taken away', async () => {
    const old = await dialThrough();
    proxy.set({ refuse: true });
    // The reset may come before the client has noticed that it is connected.
    expect(await dial().then((client) => client.ended, (error: NodeJS.ErrnoException) => error.code)).toMatch(/^(reset|ECONNRESET)$/);
    old.send('!');
    await old.has(6);
    proxy.heal();
    await dialThrough();
    expect(proxy.counts).toMatchObject({ accepted: 2, refused: 1 });
  });
});

it('is not had on a port that is taken', async () => {
  await expect(FaultProxy.listen({ upstream: echo.at, port: proxy.port })).rejects.toThrow('EADDRINUSE');
});

describe('closing', () => {
  it('may be done twice, leaves no socket, timer or listener, and frees the port', async () => {
    const [set, cleared] = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'clearTimeout')];
    onTestFinished(() => void vi.restoreAllMocks());
    const longTimers = (): unknown[] => set.mock.calls.flatMap(([, ms], call) => ((ms ?? 0) > 3_000_000 ? [set.mock.results[call]?.value] : []));
    const [client, frozen] = [await dialThrough(), await dialThrough()];
    proxy.halfOpen();
    const waiting = await dialThrough();
    proxy.set({ latencyMs: 3_600_000, blackhole: 'down' });
    waiting.send('still on its way');
    await eventually('it is held', () => expect(longTimers()).not.toEqual([]));
    await Promise.all([proxy.close(), proxy.close()]);
    await proxy.close();
    expect(await Promise.all([client.ended, frozen.ended, waiting.ended])).toEqual(['reset', 'reset', 'reset']);
    expect(proxy.counts.open).toBe(0);
    await eventually('no socket is left', () => expect(echo.sockets).toEqual([]));
    for (const timer of longTimers()) expect(cleared).toHaveBeenCalledWith(timer);
    const refused = await new Promise((resolve) => connect({ port: proxy.port, host: '127.0.0.1' }).once('error', resolve));
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('does not wait for an upstream that never answers the connect', async () => {
    proxy.upstream = { host: '192.0.2.1', port: 9 }; // TEST-NET-1 (RFC 5737): nobody is there
    const client = await dial();
    await eventually('it is accepted', () => expect(proxy.counts.accepted).toBe(1));
    await proxy.close();
    expect(await client.ended).toBe('reset');
  });
});

it('draws the same jitter from the same seed', () => {
  const draw = (seed: number): number[] => Array.from({ length: 5 }, seeded(seed));
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(draw(7).every((value) => value >= 0 && value < 1)).toBe(true);
});
