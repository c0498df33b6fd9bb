import { connect } from 'node:net';
import { until } from './deadline.js';

/**
 * Asks what answers at `host:port` whether it is a Kafka: ApiVersions, version 0, which comes before any login (Kafka protocol guide,
 * "ApiVersions API"). No broker tells its release.
 * @throws Error when nothing there speaks Kafka's protocol within `timeoutMs`
 */
export async function kafkaAnswers(at: string, timeoutMs: number): Promise<void> {
  await ask(at, API_VERSIONS, EMPTY, timeoutMs);
}

/**
 * Waits until a new Kafka takes members of groups: the first who asks for a coordinator (FindCoordinator, version 0) makes it create the
 * topic of their positions.
 * @throws Error when it does not within `timeoutMs`
 */
export async function kafkaHasGroups(at: string, timeoutMs: number): Promise<void> {
  const group = Buffer.from('\0\x05ready');
  await until(timeoutMs, `groups at ${at}`, async () => {
    const answer = await ask(at, FIND_COORDINATOR, group, timeoutMs);
    if (answer.readInt16BE(0) !== 0) throw new Error(`there is no coordinator yet, error ${answer.readInt16BE(0)}`);
  });
}

const API_VERSIONS = 18;
const FIND_COORDINATOR = 10;
const CORRELATION = 7;
const EMPTY = Buffer.alloc(0);

/** One request of version 0 without a client id; gives what follows the correlation id of its answer. */
function ask(at: string, api: number, body: Buffer, timeoutMs: number): Promise<Buffer> {
  const { hostname, port } = new URL(`kafka://${at}`);
  const request = Buffer.alloc(14 + body.length);
  request.writeInt32BE(10 + body.length, 0);
  request.writeInt16BE(api, 4);
  request.writeInt32BE(CORRELATION, 8);
  request.writeInt16BE(-1, 12);
  body.copy(request, 14);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 9092) }, () => socket.write(request));
    const timer = setTimeout(() => end(new Error(`nothing speaks Kafka at ${at}: no answer in ${timeoutMs} ms`)), timeoutMs);
    let read = Buffer.alloc(0);
    const end = (result: Buffer | Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (result instanceof Error) reject(result);
      else resolve(result);
    };
    socket.on('data', (chunk: Buffer) => {
      read = Buffer.concat([read, chunk]);
      if (read.length < 10) return;
      if (read.readInt32BE(4) === CORRELATION) end(read.subarray(8));
      else end(new Error(`what answers at ${at} does not speak Kafka's protocol`));
    });
    socket.on('error', (cause) => end(new Error(`nothing speaks Kafka at ${at}: ${cause.message}`, { cause })));
    socket.on('close', () => end(new Error(`nothing speaks Kafka at ${at}: the link was closed`)));
  });
}
