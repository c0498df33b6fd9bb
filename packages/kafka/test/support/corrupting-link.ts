import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { KafkaLink } from '@omnibus/brokers';

/** A way to the broker that changes bytes. */
export interface CorruptingLink extends AsyncDisposable {
  /** From now on what comes from the broker is changed before it passes; undefined: nothing is. Chunks are as TCP brought them. */
  corrupt: ((chunk: Buffer) => void) | undefined;
}

/** Listens where clients of this link are told to go. */
export async function corruptingLink({ port, advertisedPort }: KafkaLink): Promise<CorruptingLink> {
  const sockets = new Set<Socket>();
  const own = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => other.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
  };
  const server = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port });
    own(client, upstream);
    own(upstream, client);
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      link.corrupt?.(chunk);
      if (!client.write(chunk)) upstream.pause();
    });
    client.on('drain', () => upstream.resume());
  });
  await once(server.listen({ port: advertisedPort, host: '127.0.0.1' }), 'listening');
  const link: CorruptingLink = {
    corrupt: undefined,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return link;
}
