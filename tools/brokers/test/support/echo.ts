import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP server that sends back what it gets, and keeps what it got by connection; a silent one sends nothing and leaves the end to the test. */
export class EchoServer {
  readonly #chunks: Buffer[][] = [];
  readonly ends: ('end' | 'reset')[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen({ silent = false } = {}): Promise<EchoServer> {
    const server = createServer({ noDelay: true, allowHalfOpen: silent });
    const echoServer = new EchoServer(server);
    server.on('connection', (socket) => {
      const chunks: Buffer[] = [];
      echoServer.#chunks.push(chunks);
      echoServer.#sockets.add(socket);
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (!silent) socket.write(chunk);
      });
      socket.on('end', () => echoServer.ends.push('end'));
      socket.on('error', () => echoServer.ends.push('reset'));
      socket.on('close', () => echoServer.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return echoServer;
  }

  /** What it got, one entry a connection. */
  get received(): readonly Buffer[] {
    return this.#chunks.map((chunks) => Buffer.concat(chunks));
  }

  get at(): { host: string; port: number } {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  /** Its ends of the connections that are open. */
  get sockets(): readonly Socket[] {
    return [...this.#sockets];
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A connection whose incoming bytes can be waited for. */
export class Client {
  readonly socket: Socket;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  /** How the link ended, as this end sees it. */
  readonly ended: Promise<'end' | 'reset'>;
  readonly #watchers = new Set<() => void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
      for (const watcher of this.#watchers) watcher();
    });
    this.ended = new Promise((resolve) => socket.once('end', () => resolve('end')).once('error', () => resolve('reset')));
  }

  static connect(port: number, { allowHalfOpen = false } = {}): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen }, () => {
        socket.off('error', reject);
        resolve(new Client(socket));
      });
      socket.once('error', reject);
    });
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  send(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** Resolves when so many bytes have come. */
  has(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.#bytes < bytes) return;
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
      check();
    });
  }
}
