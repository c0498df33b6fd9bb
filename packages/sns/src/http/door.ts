import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, systemClock } from '@omnibus/core/transport';
import { readBody } from './body.js';
import { type EndpointStats, endpointStats, type HttpReply, type Refusal, refusalReply } from './reply.js';

/** One POST on its way to a receiver. */
interface IntakePost {
  /** Names in lower case, as Node has them. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
  /** Ms since its headers were there. */
  readonly ageMs: number;
  /** Aborts when the other side hangs up. */
  readonly gone: AbortSignal;
}

/** Where posts go while a receiver is open. */
export interface Intake {
  /** Why nothing is taken now, asked before a body is read. */
  refusal(): Refusal | undefined;
  /** Answers when the delivery is settled. Never rejects. */
  accept(post: IntakePost): Promise<HttpReply>;
}

/** A POST that another server took, or that comes as an event. */
export interface HandedPost {
  readonly method: string;
  /** Names in any case. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string | Uint8Array;
  /** Aborts when the other side hangs up. Default: it never does. */
  readonly signal?: AbortSignal;
}

/**
 * Where SNS's posts come in, in an application that has an HTTP server of its own. Hand it to the transport
 * (`endpoints: { 'orders/shipping': { url, endpoint } }`) and mount it at the path of `url`. It answers 503 while no app runs.
 */
export interface SnsEndpoint {
  /** For node:http and Express: `server.on('request', …)`, `express.post(path, endpoint.listener)`. Takes a body that was read before. */
  readonly listener: (request: IncomingMessage, response: ServerResponse) => void;
  /** For everything else (Fastify, Hono, a Lambda function URL): the answer to give. Never rejects. */
  handle(post: HandedPost): Promise<HttpReply>;
  /** Counts of what was taken and refused, and why. */
  readonly stats: Readonly<EndpointStats>;
}

/** The side of an endpoint that the transport sees. */
export interface Door extends SnsEndpoint {
  readonly stats: EndpointStats;
  /** Sends posts to `intake` until what it returns is called. One intake at a time: the newest. */
  attach(intake: Intake): () => void;
}

/** What is taken of one POST; the largest message of a topic with HTTP subscriptions has 256 KB, six times that where JSON escapes all of it. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;
/** Ms until a body has to be there. */
const BODY_MS = 5_000;
/** Bodies that are read at one time. */
const MOST_READING = 64;

/** Makes an endpoint for a server of the application's own. */
export function snsEndpoint(): SnsEndpoint {
  return door(systemClock);
}

/** Whether an option's value is what `snsEndpoint` made. */
export const isDoor = (value: unknown): value is Door =>
  typeof value === 'object' && value !== null && 'attach' in value && 'listener' in value;

/** An endpoint with nobody behind it yet. */
export function door(clock: Clock): Door {
  const stats = endpointStats();
  let intake: Intake | undefined;
  let reading = 0;

  const refuse = (refusal: Refusal): HttpReply => {
    stats.refused[refusal]++;
    return refusalReply(refusal);
  };
  /** Answers for what needs no body. */
  const early = (method: string | undefined): HttpReply | Intake => {
    if (method !== 'POST') return refuse('method');
    if (intake === undefined) return refuse('closed');
    const refusal = reading >= MOST_READING ? 'busy' : intake.refusal();
    return refusal === undefined ? intake : refuse(refusal);
  };

  const answer = async (request: IncomingMessage, gone: AbortSignal): Promise<HttpReply> => {
    const arrivedAt = clock.monotonic();
    const to = early(request.method);
    if ('status' in to) return to;
    reading++;
    const body = await readBody(request, { maxBytes: MAX_BODY_BYTES, maxMs: BODY_MS, clock }).finally(() => reading--);
    if (typeof body === 'string') return refuse(body);
    return to.accept({ headers: request.headers, body, ageMs: clock.monotonic() - arrivedAt, gone });
  };

  return {
    stats,
    listener(request, response) {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      void answer(request, gone.signal)
        .catch(() => refuse('unavailable')) // a body that a framework left and that is no JSON
        .then((reply) => write(request, response, reply, { clock, isLast: intake === undefined }));
    },
    async handle({ method, headers, body, signal = new AbortController().signal }) {
      const to = early(method);
      if ('status' in to) return to;
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      if (bytes.length > MAX_BODY_BYTES) return refuse('too-large');
      return to.accept({ headers: lowerCased(headers), body: bytes, ageMs: 0, gone: signal });
    },
    attach(to) {
      intake = to;
      return () => {
        if (intake === to) intake = undefined;
      };
    },
  };
}

const lowerCased = (headers: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** Ms that a sender of an unread body has to take the answer. */
const GRACE_MS = 1_000;

interface WriteOptions {
  readonly clock: Clock;
  /** Nothing is taken any more: a connection that stayed open would hold up the end of its server. */
  readonly isLast: boolean;
}

function write(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: HttpReply,
  { clock, isLast }: WriteOptions,
): void {
  if (response.headersSent || response.destroyed) return; // somebody else answered, or nobody listens
  const isRead = request.complete || request.readableEnded;
  response.writeHead(status, isRead && !isLast ? headers : { ...headers, connection: 'close' });
  response.end(body);
  if (isRead) return;
  const timer = clock.timer(GRACE_MS, () => request.destroy());
  request.once('close', () => timer.cancel());
  request.resume();
}
