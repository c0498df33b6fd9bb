import type { IncomingMessage } from 'node:http';
import type { Clock } from '@omnibus/core/transport';
import type { Refusal } from './reply.js';

export interface BodyLimits {
  readonly maxBytes: number;
  /** Ms from now until the whole of it has to be there. */
  readonly maxMs: number;
  readonly clock: Clock;
}

/** The whole body of a request, bounded in bytes and time, or why there is none. A framework may have read it before. Never rejects. */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Uint8Array | Refusal> {
  const before = parsedBefore(request);
  if (before !== undefined) return before.length > limits.maxBytes ? 'too-large' : before;
  if (request.readableEnded) return 'garbage'; // somebody read it and kept it
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBytes) return 'too-large';
  return read(request, limits);
}

/** What `express.text()`, `.raw()` or `.json()` leave at `request.body`; the signature is over the values, so a parsed body will do. */
function parsedBefore(request: IncomingMessage): Uint8Array | undefined {
  const body = 'body' in request ? request.body : undefined;
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'string') return Buffer.from(body);
  const isParsed = request.readableEnded && typeof body === 'object' && body !== null;
  return isParsed ? Buffer.from(JSON.stringify(body)) : undefined;
}

function read(request: IncomingMessage, { maxBytes, maxMs, clock }: BodyLimits): Promise<Uint8Array | Refusal> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    const onData = (chunk: Uint8Array): void => {
      bytes += chunk.length;
      if (bytes > maxBytes) finish('too-large');
      else chunks.push(chunk);
    };
    const onEnd = (): void => finish(Buffer.concat(chunks));
    const onCut = (): void => finish('garbage');
    const timer = clock.timer(maxMs, () => finish('slow'));
    const finish = (result: Uint8Array | Refusal): void => {
      timer.cancel();
      request.off('data', onData).off('end', onEnd).off('close', onCut);
      resolve(result);
    };
    request.on('data', onData).on('end', onEnd).on('close', onCut);
    request.on('error', () => {}); // `close` follows
  });
}
