import { afterEach, beforeEach } from 'vitest';
import { until } from '../../src/deadline.js';
import { FaultProxy } from '../../src/fault-proxy.js';
import { Client, EchoServer } from './echo.js';

/** An echo server behind a fault proxy, and clients of it; new ones for each test. */
export class Bench {
  echo!: EchoServer;
  proxy!: FaultProxy;
  readonly #clients: Client[] = [];

  /** Sets it up for every test of the file that calls this. */
  static forEachTest(): Bench {
    const bench = new Bench();
    beforeEach(async () => {
      bench.echo = await EchoServer.listen();
      bench.proxy = await FaultProxy.listen({ upstream: bench.echo.at });
    });
    afterEach(async () => {
      for (const client of bench.#clients.splice(0)) client.socket.destroy();
      await bench.proxy.close();
      await bench.echo.close();
    });
    return bench;
  }

  async dial(options = {}): Promise<Client> {
    const client = await Client.connect(this.proxy.port, options);
    this.#clients.push(client);
    return client;
  }

  /** A client whose link is known to be open on both sides. */
  async dialThrough(): Promise<Client> {
    const client = await this.dial();
    client.send('hello');
    await client.has(5);
    return client;
  }
}

/** Waits until an expectation holds. */
export const eventually = (what: string, check: () => void): Promise<void> => until(5_000, what, async () => check());

/** More than every buffer of sockets, kernel and proxy on the way: 64 MB in chunks of 64 KB. */
export const MANY_CHUNKS = 1_024;

/** A number that grows, once it does not grow any more. */
export async function settled(read: () => number): Promise<number> {
  for (let [last, same] = [-1, 0]; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
    same = read() === last ? same + 1 : 0;
    last = read();
    if (same === 10) return last;
  }
}
