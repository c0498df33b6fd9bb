import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type PartedBatch, partBatch } from './aws-batch.js';
import { type AwsCall, callOf, operationOf, protocolOf, unitsOf } from './aws-call.js';
import { answerOf } from './aws-errors.js';
import { type AwsCallChoice, type AwsCount, type AwsFault, type AwsInjection, Injection } from './aws-faults.js';
import { DelayLine } from './delay-line.js';

/** The conditions of every call. */
export interface AwsConditions {
  /** Round trip that is added to each call, half of it on either way; default 0. In milliseconds. */
  readonly latencyMs?: number;
}

/** These describe one link, not the call: each side of the proxy has its own. */
const OF_THE_LINK = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect']);

/** Longer than any client's: the proxy must not close a link in the moment when a call is on its way. */
const IDLE_MS = 600_000;

/**
 * An HTTP proxy on 127.0.0.1 in front of an AWS endpoint, which counts calls by operation and does to chosen ones what AWS and the
 * network do. Clients use `url` as their `endpoint`. A FaultProxy can stand before or behind it. An upstream that cannot be reached,
 * or goes away, resets the link of the call. Bodies of SQS and SNS are held whole (1 MiB at most, says AWS), those of S3 stream.
 */
export class AwsFaultProxy implements AsyncDisposable {
  /** On 127.0.0.1; the same as long as it lives. */
  readonly url: string;
  /** Where calls are passed on to; those under way stay where they are. */
  upstream: string;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: Infinity });
  readonly #counts = new Map<string, { calls: number; units: number; faulted: number }>();
  #injections: Injection[] = [];
  #line = new DelayLine(0);
  #closed: Promise<void> | undefined;

  private constructor(server: Server, upstream: string) {
    this.#server = server;
    this.upstream = upstream;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (incoming, response) => void this.#take(incoming, response));
  }

  /**
   * Listens in front of an `http:` endpoint.
   * @throws Error when the port is taken; default is any free one
   */
  static async inFrontOf(upstream: string, { port = 0 } = {}): Promise<AwsFaultProxy> {
    const server = createServer({ keepAliveTimeout: IDLE_MS, requestTimeout: 0, noDelay: true });
    await once(server.listen({ port, host: '127.0.0.1' }), 'listening');
    return new AwsFaultProxy(server, upstream);
  }

  /** What has come since it listens, or since `resetCounts`, by operation. */
  get counts(): Readonly<Record<string, AwsCount>> {
    return Object.fromEntries([...this.#counts].map(([operation, count]) => [operation, { ...count }]));
  }

  /** Starts counting anew. */
  resetCounts(): void {
    this.#counts.clear();
  }

  /**
   * Replaces the conditions, for what comes from now on.
   * @throws RangeError for a negative latency
   */
  set({ latencyMs = 0 }: AwsConditions): void {
    if (!(latencyMs >= 0)) throw new RangeError('latencyMs must not be negative');
    this.#line = new DelayLine(latencyMs / 2);
  }

  /** Does this to the next so many calls of the choice (default: all until `heal`). Of several faults for a call the first injected counts. */
  inject(choice: AwsCallChoice, fault: AwsFault, { times = Infinity } = {}): AwsInjection {
    const injection = new Injection(choice, fault, times);
    this.#injections.push(injection);
    return injection;
  }

  /** Takes every fault and the latency away. Calls that were met by silence stay unanswered. */
  heal(): void {
    this.#injections = [];
    this.set({});
  }

  /** Resets every link, stops listening, and resolves when every socket is closed. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    const stopped = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#line.end();
    this.#server.closeAllConnections();
    this.#agent.destroy();
    for (const injection of this.#injections.splice(0)) injection.end();
    await stopped;
  }

  async #take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const protocol = protocolOf(incoming);
      const body = protocol === 'rest' ? undefined : await whole(incoming);
      const operation = operationOf(protocol, incoming, body);
      const count = this.#countOf(operation);
      count.calls += 1;
      const call = callOf(protocol, operation, count.calls, incoming.url ?? '/', body);
      const fault = this.#injections.find((injection) => injection.takes(call))?.fault;
      if (fault !== undefined) count.faulted += 1;
      const line = this.#line;
      line.pass(() => this.#meet({ incoming, response, call, body, line }, fault));
    } catch (error) {
      refuse(response, error);
    }
  }

  #countOf(operation: string): { calls: number; units: number; faulted: number } {
    const count = this.#counts.get(operation) ?? { calls: 0, units: 0, faulted: 0 };
    this.#counts.set(operation, count);
    return count;
  }

  #meet(passage: Passage, fault: AwsFault | undefined): void {
    const { incoming, response, call } = passage;
    if (incoming.socket.destroyed) return;
    try {
      if (fault?.kind === 'reset') reset(incoming);
      else if (fault?.kind === 'silence') incoming.resume();
      else if (fault?.kind === 'error') {
        incoming.resume();
        const { status, headers, body } = answerOf(fault.error, call.protocol, randomUUID());
        passage.line.pass(() => write(response, status, Object.entries(headers).flat(), Buffer.from(body)));
      } else if (fault?.kind === 'entries') {
        const parted = partBatch(call.protocol, passage.body ?? Buffer.alloc(0), fault.chosen, fault.error);
        if (parted.rest !== undefined) return this.#forward(passage, parted.rest, fault, parted);
        const type = call.protocol === 'json' ? 'application/x-amz-json-1.0' : 'text/xml';
        const headers = ['x-amzn-requestid', randomUUID(), 'content-type', type];
        passage.line.pass(() => write(response, 200, headers, parted.answer(undefined)));
      } else this.#forward(passage, passage.body, fault);
    } catch (error) {
      refuse(response, error);
    }
  }

  #forward({ incoming, response, call, line }: Passage, body: Buffer | undefined, fault?: AwsFault, parted?: PartedBatch): void {
    const { hostname, port } = new URL(this.upstream);
    const length = body?.length ?? incoming.headers['content-length'];
    const headers = [...ofTheCall(incoming), ...(length === undefined ? [] : ['content-length', String(length)])];
    const to = { host: hostname.replace(/^\[|\]$/g, ''), port: port || 80, method: incoming.method, path: incoming.url };
    const outgoing = request({ ...to, headers, agent: this.#agent });
    outgoing.on('error', () => reset(incoming));
    response.on('close', () => response.writableFinished || outgoing.destroy()); // its client has gone
    outgoing.on('response', (reply) => {
      reply.on('error', () => reset(incoming));
      void this.#back(reply, { incoming, response, call, body, line }, fault, parted);
    });
    if (body === undefined) incoming.pipe(outgoing);
    else outgoing.end(body);
  }

  async #back(reply: IncomingMessage, passage: Passage, fault?: AwsFault, parted?: PartedBatch): Promise<void> {
    const { incoming, response, call, body, line } = passage;
    const status = reply.statusCode ?? 502;
    const lost = fault?.kind === 'loseReply' || fault?.kind === 'loseReplySilently';
    if (body === undefined && !lost) {
      this.#countOf(call.operation).units += 1;
      const go = (): void => void reply.pipe(response.writeHead(status, withLength(reply)));
      return fault?.kind === 'slow' ? later(fault.ms, response, go) : line.pass(go);
    }
    try {
      const bytes = await whole(reply);
      this.#countOf(call.operation).units += unitsOf(call.protocol, call.operation, body, bytes);
      if (fault?.kind === 'loseReply') return reset(incoming);
      if (lost) return;
      const answer = parted === undefined || status >= 300 ? bytes : parted.answer(bytes);
      const go = (): void => write(response, status, ofTheCall(reply), answer);
      if (fault?.kind === 'slow') later(fault.ms, response, () => line.pass(go));
      else line.pass(go);
    } catch {
      reset(incoming); // the upstream went away within its answer
    }
  }
}

/** A call on its way through. */
interface Passage {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly call: AwsCall;
  /** Undefined where it streams. */
  readonly body: Buffer | undefined;
  readonly line: DelayLine;
}

/** By events, not by iteration: that costs a third of the whole passage. */
function whole(stream: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    stream.once('error', reject);
  });
}

function ofTheCall({ rawHeaders }: IncomingMessage): string[] {
  return rawHeaders.filter((_, index) => !OF_THE_LINK.has((rawHeaders[index - (index % 2)] ?? '').toLowerCase()));
}

function withLength(reply: IncomingMessage): string[] {
  const length = reply.headers['content-length'];
  return [...ofTheCall(reply), ...(length === undefined ? [] : ['content-length', length])];
}

function write(response: ServerResponse, status: number, headers: readonly string[], body: Buffer): void {
  response.writeHead(status, [...headers, 'content-length', String(body.length)]).end(body);
}

function later(ms: number, response: ServerResponse, go: () => void): void {
  const timer = setTimeout(go, ms);
  response.once('close', () => clearTimeout(timer));
}

function reset({ socket }: IncomingMessage): void {
  if (!socket.destroyed) socket.resetAndDestroy();
}

/** The test is wrong: the fault does not fit the call. It fails loudly, and is no answer of AWS. */
function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(501, { 'content-type': 'text/plain' }).end(`AwsFaultProxy: ${String(error)}`);
}
