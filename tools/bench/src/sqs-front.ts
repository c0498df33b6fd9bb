import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { DelayLine } from '@omnibus/brokers';

/** What calls of one operation came to, counted where they arrive. */
interface Calls {
  calls: number;
  /** Messages that they carried, either way. */
  messages: number;
  /** Calls that carried none. */
  empty: number;
  /** 64 KiB of JSON or a part of it, per call: what AWS bills is of the payload alone, so never more than this. */
  units: number;
  /** When the first and the last arrived, in ms. */
  first: number;
  last: number;
}

/** By operation: `ReceiveMessage`. */
export type Counts = Readonly<Record<string, Calls>>;

const UNIT_BYTES = 64 * 1024;

/** Stands before an SQS: half of the round trip's time passes before it sees a call, half after it has answered. Counts calls. */
export class SqsFront {
  readonly #engine: RequestListener;
  readonly #way: DelayLine;
  #counts: Record<string, Calls> = {};

  constructor(engine: RequestListener, roundTripMs: number) {
    this.#engine = engine;
    this.#way = new DelayLine(roundTripMs / 2);
  }

  readonly listener: RequestListener = (request, response) => {
    const operation = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
    const count = (this.#counts[operation] ??= { calls: 0, messages: 0, empty: 0, units: 0, first: performance.now(), last: 0 });
    count.calls++;
    count.units++; // the first, whatever it carries
    count.last = performance.now();
    this.#delayAnswer(count, request, response, operation === 'ReceiveMessage' ? '"ReceiptHandle":' : '"Id":');
    this.#way.pass(() => this.#engine(request, response));
  };

  /** What was counted since it was begun anew. */
  get counts(): Counts {
    return this.#counts;
  }

  /** Counts anew. */
  reset(): void {
    this.#counts = {};
  }

  #delayAnswer(count: Calls, request: IncomingMessage, response: ServerResponse, mark: string): void {
    const end = response.end.bind(response);
    response.end = ((body?: string | Buffer) => {
      const text = String(body ?? '');
      const messages = occurrences(text, mark);
      count.messages += messages;
      if (messages === 0) count.empty++;
      count.units += Math.floor(Math.max(Number(request.headers['content-length']), text.length) / UNIT_BYTES);
      this.#way.pass(() => end(body));
      return response;
    }) as typeof response.end;
  }
}

/** In a body these characters are escaped, so that only the answer's own are found. */
function occurrences(text: string, mark: string): number {
  let found = 0;
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + mark.length)) found++;
  return found;
}
