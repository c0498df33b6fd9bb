import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the ports that systems hand out for outgoing connections (Linux from 32768, macOS from 49152). A killed broker must find
// its port free again, and a client that hammers a dead port of that range can be connected to itself (TCP simultaneous open).
const LOWEST = 20_000;
const HIGHEST = 32_000;

/**
 * Finds a TCP port for each name, all different and free on 127.0.0.1 right now. Nothing holds them: another process may take one first.
 * @throws Error after 1,000 taken ports
 */
export async function freePorts<Name extends string>(...names: readonly Name[]): Promise<Record<Name, number>> {
  const found = new Set<number>();
  for (let tries = 0; found.size < names.length; tries++) {
    if (tries === 1_000) throw new Error(`no ${names.length} free TCP ports between ${LOWEST} and ${HIGHEST}`);
    const port = randomInt(LOWEST, HIGHEST);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  const ports = [...found];
  return Object.fromEntries(names.map((name, index) => [name, ports[index]])) as Record<Name, number>;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
  });
}
