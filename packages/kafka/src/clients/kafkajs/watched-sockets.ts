import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';
import { type Flaw, flawOf } from './fetched.js';

const KEEP_ALIVE_MS = 60_000; // as kafkajs has it
const FETCH = 1;

/** Kafka's frames: their size in 4 bytes, then so many bytes. Those of a request begin with its kind, version and number. */
const SIZE = 4;

/** The sockets of one client. */
export interface WatchedSockets {
  readonly factory: ISocketFactory;
  /** Whoever waits for an answer hears that there will be none, and no other socket connects. */
  cut(): void;
}

/** Makes the sockets of a client, and tells what is wrong with what it fetches before kafkajs hears of it. */
export function watchedSockets(onFlaw: (flaw: Flaw) => void): WatchedSockets {
  const open = new Set<Socket>();
  let isCut = false;
  const end = (socket: Socket): unknown => socket.destroy(new Error('the client was closed'));
  return {
    factory({ host, port, ssl, onConnect }) {
      const name = isIP(host) === 0 ? { servername: host } : {};
      const socket = ssl ? connectTls({ host, port, ...name, ...ssl }, onConnect) : connect({ host, port }, onConnect);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      watch(socket, onFlaw);
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      if (isCut) end(socket);
      return socket;
    },
    cut() {
      isCut = true;
      open.forEach(end);
    },
  };
}

function watch(socket: Socket, onFlaw: (flaw: Flaw) => void): void {
  /** Versions of the fetches under way, by their numbers. */
  const fetches = new Map<number, number>();
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = (...args: unknown[]): boolean => {
    const [request] = args;
    // kafkajs writes each request at once
    if (Buffer.isBuffer(request) && request.length >= SIZE + 8 && request.readInt16BE(SIZE) === FETCH)
      fetches.set(request.readInt32BE(SIZE + 4), request.readInt16BE(SIZE + 2));
    return write(...args);
  };
  socket.on(
    'data',
    framed((answer) => {
      const number = answer.readInt32BE(0);
      const version = fetches.get(number);
      if (version === undefined) return;
      fetches.delete(number);
      const flaw = flawOf(answer.subarray(4), version);
      if (flaw !== undefined) onFlaw(flaw);
    }),
  );
}

/** Puts frames together from what TCP brings. */
export function framed(onFrame: (frame: Buffer) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let stored = 0;
  let needed = SIZE;
  return (chunk) => {
    chunks.push(chunk);
    stored += chunk.length;
    while (stored >= needed) {
      const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, stored);
      const end = SIZE + all.readInt32BE(0);
      if (stored < end) {
        needed = end;
        chunks = [all];
        return;
      }
      if (end >= SIZE + 4) onFrame(all.subarray(SIZE, end));
      chunks = [all.subarray(Math.max(end, SIZE))];
      stored = chunks[0]!.length;
      needed = SIZE;
    }
  };
}
