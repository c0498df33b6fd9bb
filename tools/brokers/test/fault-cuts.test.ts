import { describe, expect, it } from 'vitest';
import { Bench, eventually, MANY_CHUNKS, settled } from './support/bench.js';
import { EchoServer } from './support/echo.js';

const bench = Bench.forEachTest();

describe('a black hole', () => {
  it('holds what goes up, and the end of the link, and lets both pass when it is lifted', async () => {
    const client = await bench.dialThrough();
    bench.proxy.set({ blackhole: 'up' });
    client.socket.end('held');
    bench.echo.sockets[0]?.write('down still works');
    await client.has(21);
    expect(bench.echo.received[0]?.toString()).toBe('hello');
    expect(bench.echo.ends).toEqual([]);
    bench.proxy.heal();
    await eventually('it has passed', () => expect(bench.echo.received[0]?.toString()).toBe('helloheld'));
    expect(await client.ended).toBe('end');
  });

  it('down and then a cut: the upstream has the bytes, the client never gets the answer', async () => {
    const client = await bench.dialThrough();
    bench.proxy.set({ blackhole: 'down' });
    client.send('publish');
    await eventually('it has arrived', () => expect(bench.echo.received[0]?.toString()).toBe('hellopublish'));
    bench.proxy.cutAll();
    expect(await client.ended).toBe('reset');
    expect(client.received.toString()).toBe('hello');
    await eventually('the upstream sees it', () => expect(bench.echo.ends).toEqual(['reset']));
  });

  it('keeps back-pressure: the sender is stopped, and all of it passes later', async () => {
    const client = await bench.dialThrough();
    bench.proxy.set({ blackhole: 'both' });
    let written = 0;
    for (let i = 0; i < MANY_CHUNKS; i++) client.socket.write(Buffer.alloc(64 * 1024), () => (written += 1));
    expect(await settled(() => written)).toBeLessThan(MANY_CHUNKS);
    expect(bench.proxy.counts.up).toBe(5);
    bench.proxy.heal();
    await client.has(MANY_CHUNKS * 64 * 1024 + 5);
    expect(bench.proxy.counts.down).toBe(MANY_CHUNKS * 64 * 1024 + 5);
  });
});

it('keeps back-pressure of an upstream that does not read', async () => {
  const slow = await EchoServer.listen({ silent: true });
  bench.proxy.upstream = slow.at;
  const client = await bench.dial();
  client.send('x');
  await eventually('it is connected', () => expect(slow.received[0]?.length).toBe(1));
  slow.sockets[0]?.pause();
  for (let i = 0; i < MANY_CHUNKS; i++) client.send(Buffer.alloc(64 * 1024));
  expect(await settled(() => bench.proxy.counts.up)).toBeLessThan(MANY_CHUNKS * 64 * 1024);
  slow.sockets[0]?.resume();
  await eventually('all has come', () => expect(slow.received[0]?.length).toBe(MANY_CHUNKS * 64 * 1024 + 1));
  await slow.close();
});

describe('a half-open link', () => {
  it('is frozen for good at both ends, which hear nothing, while new links are healthy', async () => {
    const dead = await bench.dialThrough();
    bench.proxy.halfOpen();
    dead.send('into nothing');
    const alive = await bench.dialThrough();
    dead.socket.resetAndDestroy(); // not even this reaches the upstream
    bench.proxy.heal();
    alive.send('!');
    await alive.has(6);
    expect(bench.echo.received.map(String)).toEqual(['hello', 'hello!']);
    expect(bench.echo.ends).toEqual([]);
    expect(bench.proxy.counts.open).toBe(2);
    bench.proxy.cutAll();
    await eventually('the upstream hears of it', () => expect(bench.echo.ends).toEqual(['reset', 'reset']));
  });
});

describe('a cut', () => {
  it('comes after exactly so many bytes up: they arrive and then the end, the sender gets a reset', async () => {
    bench.proxy.set({ cutAfterBytes: { up: 7 } });
    const client = await bench.dialThrough();
    client.send('12345');
    expect(await client.ended).toBe('reset');
    await eventually('the upstream has seven bytes', () => expect(bench.echo.received[0]?.toString()).toBe('hello12'));
    await eventually('the upstream sees the end', () => expect(bench.echo.ends).toEqual(['end']));
    expect(bench.proxy.counts.up).toBe(7);
  });

  it('comes with the last byte of the amount, and at once where more have passed already', async () => {
    const earlier = await bench.dialThrough();
    bench.proxy.set({ cutAfterBytes: { up: 3 } });
    const client = await bench.dial();
    client.send('abc');
    expect(await client.ended).toBe('reset');
    earlier.send('!');
    expect(await earlier.ended).toBe('reset');
    await eventually('the upstream sees the ends', () => expect(bench.echo.ends).toEqual(['end', 'end']));
    expect(bench.echo.received.map(String)).toEqual(['hello', 'abc']);
  });

  it('comes after exactly so many bytes down', async () => {
    bench.proxy.set({ cutAfterBytes: { down: 3 } });
    const client = await bench.dial();
    client.send('hello');
    expect(await client.ended).toBe('end');
    expect(client.received.toString()).toBe('hel');
  });

  it('comes at the moment named, behind the chunk: it arrives, and no answer comes back', async () => {
    const [client, other] = [await bench.dialThrough(), await bench.dialThrough()];
    const cut = bench.proxy.cutWhen((direction, chunk) => direction === 'up' && chunk.includes('publish'));
    other.send('other');
    await other.has(10);
    client.send('publish 1');
    await cut;
    expect(await client.ended).toBe('reset');
    await eventually('it has arrived', () => expect(bench.echo.received[0]?.toString()).toBe('hellopublish 1'));
    expect(client.received.toString()).toBe('hello');
    other.send('publish 2'); // once only
    await other.has(19);
  });

  it('comes at the moment named, before the chunk: the confirm is lost', async () => {
    const client = await bench.dialThrough();
    const cut = bench.proxy.cutWhen(
      (direction, chunk, link) => direction === 'down' && link === 1 && chunk.includes('confirm'),
      'before',
    );
    client.send('confirm 1');
    await cut;
    expect(await client.ended).toBe('reset');
    expect(client.received.toString()).toBe('hello');
    expect(bench.echo.received[0]?.toString()).toBe('helloconfirm 1');
    await eventually('the upstream sees it', () => expect(bench.echo.ends).toEqual(['reset']));
  });

  it('that never came is rejected by close, and a predicate that throws breaks nothing', async () => {
    const broken = bench.proxy.cutWhen(() => {
      throw new Error('the predicate is wrong');
    });
    const never = bench.proxy.cutWhen(() => false);
    const client = await bench.dialThrough();
    expect(client.received.toString()).toBe('hello');
    await expect(broken).rejects.toThrow('the predicate is wrong');
    await bench.proxy.close();
    await expect(never).rejects.toThrow('closed before the moment');
  });
});
