import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the ports that systems hand out for outgoing connections (Linux from 32768, macOS from 49152). A killed broker must find
// its port free again, and a client that hammers a dead port of that range can be connected to itself (TCP simultaneous open).
const LOWEST = 20_000;
const HIGHEST = 32_000;

/**
 * Finds `count` different TCP ports that are free on 127.0.0.1 right now. Nothing holds them: another process may take one first.
 * @throws Error after 1,000 taken ports
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries++) {
    if (tries === 1_000) throw new Error(`no ${count} free TCP ports between ${LOWEST} and ${HIGHEST}`);
    const port = randomInt(LOWEST, HIGHEST);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
  });
}
