import type { Clock } from '../transport/clock.js';
import { MessagingError, textOf } from '../transport/errors.js';
import type { Claims } from './claims.js';
import type { MessageContext } from './context.js';
import type { Handler } from './handler.js';

/** Header of a reply that says that the handler failed: JSON `{ name, message }`, no stack. */
export const ERROR_HEADER = 'omnibus-error';

interface Waiting {
  readonly resolve: (body: Uint8Array) => void;
  readonly reject: (error: MessagingError) => void;
}

/** Requests of this instance that wait for their reply, found by the request's id, which a reply carries as its cause. */
export class Replies {
  readonly #waiting = new Map<string, Waiting>();
  readonly #clock: Clock;
  /** Replies that nobody waited for any more. */
  late = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves to the reply's body. `what` names the request for errors. Call it before the request is sent. */
  expect(
    id: string,
    what: string,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): { readonly reply: Promise<Uint8Array>; readonly cancel: () => void } {
    let end: () => void = () => {};
    const reply = new Promise<Uint8Array>((resolve, reject) => {
      const aborted = (): void =>
        fail(
          new MessagingError('TIMEOUT', `${what} was given up by its signal`, {
            cause: signal?.reason,
            retryable: false,
            outcome: 'unknown',
          }),
        );
      const timer = this.#clock.timer(
        timeoutMs,
        () =>
          fail(
            new MessagingError(
              'TIMEOUT',
              `${what} had no reply within ${timeoutMs} ms: is its consumer running, and does its handler succeed? A reply leaves when it does, or when its last attempt has failed`,
              {
                outcome: 'unknown',
              },
            ),
          ),
        'ref',
      );
      end = (): void => {
        timer.cancel();
        signal?.removeEventListener('abort', aborted);
        this.#waiting.delete(id);
      };
      const fail = (error: MessagingError): void => {
        end();
        reject(error);
      };
      this.#waiting.set(id, {
        resolve: (body) => {
          end();
          resolve(body);
        },
        reject: fail,
      });
      if (signal?.aborted === true) aborted();
      else signal?.addEventListener('abort', aborted, { once: true });
    });
    return { reply, cancel: () => end() };
  }

  /** The handler of the reply channel. A large reply is fetched first; one that cannot be had is a failed request, not a failed handler. */
  handler(claims: Claims | undefined): Handler {
    const read = claims?.reader((body) => body);
    return {
      name: 'replies',
      message: undefined,
      decode: (body, context) => {
        const found = read === undefined ? body : read(body, context);
        return found instanceof Promise ? found.catch((error: unknown) => error) : found;
      },
      where: undefined,
      call: (body, context) => this.#arrived(body as Uint8Array | Error, context as MessageContext),
      after: undefined,
      failed: undefined,
      batch: 0,
      waitMs: 0,
      timeoutMs: 0,
    };
  }

  /** Nobody gets an answer any more. */
  close(): void {
    for (const { reject } of [...this.#waiting.values()])
      reject(new MessagingError('CLOSED', 'the app stopped before the reply came', { outcome: 'unknown' }));
  }

  #arrived(body: Uint8Array | Error, context: MessageContext): void {
    const waiting = context.causationId === undefined ? undefined : this.#waiting.get(context.causationId);
    if (waiting === undefined) {
      this.late++;
      return;
    }
    const failure = context.envelope[ERROR_HEADER];
    if (failure !== undefined) waiting.reject(remote(failure));
    else if (body instanceof Error) waiting.reject(unread(body));
    else waiting.resolve(body);
  }
}

const unread = (error: Error): MessagingError =>
  new MessagingError('REMOTE', `the request was handled, and its reply cannot be read: ${error.message}`, { cause: error.cause });

function remote(text: string): MessagingError {
  let told: { name?: string; message?: string } = {};
  try {
    told = JSON.parse(text) as typeof told;
  } catch {
    told = { message: 'it did not say why' };
  }
  return new MessagingError('REMOTE', `the handler of the request failed: ${told.name ?? 'Error'}: ${told.message ?? ''}`);
}

/** What a failed handler tells its caller: name and message, at most 1 KB, no stack. */
export const remoteError = (error: unknown): string =>
  JSON.stringify(
    error instanceof Error
      ? { name: error.name, message: error.message.slice(0, 1_000) }
      : { name: 'Error', message: textOf(error).slice(0, 1_000) },
  );
