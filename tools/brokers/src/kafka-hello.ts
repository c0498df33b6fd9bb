import { connect } from 'node:net';

/**
 * Asks what answers at `host:port` whether it is a Kafka: ApiVersions, version 0, which comes before any login (Kafka protocol guide,
 * "ApiVersions API"). No broker tells its release.
 * @throws Error when nothing there speaks Kafka's protocol within `timeoutMs`
 */
export function kafkaAnswers(at: string, timeoutMs: number): Promise<void> {
  const { hostname, port } = new URL(`kafka://${at}`);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 9092) }, () => socket.write(HELLO));
    const timer = setTimeout(() => end(new Error(`nothing speaks Kafka at ${at}: no answer in ${timeoutMs} ms`)), timeoutMs);
    let read = Buffer.alloc(0);
    const end = (error?: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    socket.on('data', (chunk: Buffer) => {
      read = Buffer.concat([read, chunk]);
      if (read.length < 10) return;
      if (read.readInt32BE(4) === CORRELATION && read.readInt16BE(8) === 0) end();
      else end(new Error(`what answers at ${at} does not speak Kafka's protocol`));
    });
    socket.on('error', (cause) => end(new Error(`nothing speaks Kafka at ${at}: ${cause.message}`, { cause })));
    socket.on('close', () => end(new Error(`nothing speaks Kafka at ${at}: the link was closed`)));
  });
}

const CORRELATION = 7;
const API_VERSIONS = 18;

/** Size, api key, version, correlation id, a null client id. */
const HELLO = Buffer.alloc(14);
HELLO.writeInt32BE(10, 0);
HELLO.writeInt16BE(API_VERSIONS, 4);
HELLO.writeInt32BE(CORRELATION, 8);
HELLO.writeInt16BE(-1, 12);
