import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const OUTAGE_MS = 1_000;

/** One call of SQS, as a client made it. */
export interface Call {
  /** `SendMessageBatch`, `CreateQueue`, … */
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>> & { readonly QueueName?: string; readonly QueueUrl?: string };
  /** Name of the queue that it is about; empty where it is about none. */
  readonly queue: string;
}

/** An answer in the place of the emulator's. */
export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** What stands between: undefined lets the call through. */
type Interception = (call: Call, pass: (call: Call) => Promise<Answer>) => Promise<Answer | undefined>;

/** A proxy in front of an SQS endpoint. */
export interface AwsProxy {
  readonly url: string;
  readonly calls: readonly Call[];
  /** The newest stands first; gives what takes it away. */
  intercept(interception: Interception): () => void;
  /** Ends every connection, and takes none until `restore`; for `OUTAGE_MS` more at least, so that whoever pauses after a failure notices. */
  cut(): Promise<{ restore(): Promise<void> }>;
  close(): Promise<void>;
}

/** An error as SQS says it in AWS JSON 1.0. */
export const refusal = (name: string, message: string, status = 400): Answer => ({
  status,
  body: { __type: `com.amazonaws.sqs#${name}`, message },
});

/** Forwards every call to `target`, unless an interception answers it. It understands SQS's JSON protocol only. */
export async function awsProxy(target: string): Promise<AwsProxy> {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });
  const interceptions: Interception[] = [];
  const calls: Call[] = [];

  const forward = (method: string, path: string, headers: IncomingMessage['headers'], body: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const given = { ...headers, host: `${hostname}:${port}`, 'content-length': Buffer.byteLength(body) };
      const outgoing = request({ hostname, port, method, path, headers: given, agent }, (answer) => {
        textOf(answer).then(
          (text) => resolve({ status: answer.statusCode ?? 500, body: JSON.parse(text === '' ? '{}' : text) as object }),
          reject,
        );
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });

  const handle = async (incoming: IncomingMessage): Promise<Answer> => {
    const text = await textOf(incoming);
    const input = JSON.parse(text === '' ? '{}' : text) as Call['input'];
    const action = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
    const queue = input.QueueName ?? input.QueueUrl?.split('/').at(-1) ?? '';
    const call = { action, input, queue };
    calls.push(call);
    const pass = (one: Call): Promise<Answer> =>
      forward(incoming.method ?? 'POST', incoming.url ?? '/', incoming.headers, JSON.stringify(one.input));
    for (const interception of interceptions) {
      const answer = await interception(call, pass);
      if (answer !== undefined) return answer;
    }
    return pass(call);
  };

  const server = createServer((incoming, outgoing) => {
    handle(incoming).then(
      ({ status, body }) => reply(outgoing, status, JSON.stringify(body)),
      () => outgoing.destroy(), // the emulator is away: so are we
    );
  });
  server.keepAliveTimeout = 60_000;
  const listen = (on: number): Promise<void> => new Promise((resolve) => server.listen(on, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    const stopped = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await stopped;
  };
  await listen(0);
  const own = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${own}`,
    calls,
    intercept(interception) {
      interceptions.unshift(interception);
      return () => void interceptions.splice(interceptions.indexOf(interception), 1);
    },
    async cut() {
      await stop();
      return { restore: () => pause(OUTAGE_MS).then(() => listen(own)) };
    },
    async close() {
      agent.destroy();
      await stop();
    },
  };
}

function reply(outgoing: ServerResponse, status: number, text: string): void {
  const type = (JSON.parse(text) as { __type?: string }).__type?.split('#').at(-1);
  outgoing.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    ...(status >= 400 && type !== undefined ? { 'x-amzn-errortype': type } : {}),
  });
  outgoing.end(text);
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
