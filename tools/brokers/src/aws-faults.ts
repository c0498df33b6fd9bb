import type { EntryChoice } from './aws-batch.js';
import type { AwsCall } from './aws-call.js';
import type { AwsEntryError, AwsError } from './aws-errors.js';

/** Something that happens to a call; made by `awsFaults`. */
export type AwsFault = { readonly about: string } & (
  | { readonly kind: 'error'; readonly error: AwsError }
  | { readonly kind: 'entries'; readonly chosen: EntryChoice; readonly error: AwsEntryError }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'reset' | 'loseReply' | 'loseReplySilently' | 'silence' }
);

/** What can happen to a call. */
export const awsFaults = {
  /** The call is answered with an error of AWS and is not passed on. */
  error: (error: AwsError): AwsFault => ({ kind: 'error', error, about: error.about }),
  /** The chosen entries of a batch are answered as failed and not passed on; the others are. */
  entries: (error: AwsEntryError, chosen: EntryChoice = () => true): AwsFault => ({
    kind: 'entries',
    error,
    chosen,
    about: error.about,
  }),
  /** The call is passed on at once and its answer comes so much later. */
  slow: (ms: number): AwsFault => ({ kind: 'slow', ms, about: `AWS takes ${ms} ms to answer` }),
  /** The link is reset before the call is passed on: it was not done. */
  reset: { kind: 'reset', about: 'the link breaks on the way there: the call was not done' } as AwsFault,
  /** The call is passed on and done, then the link is reset: its sender cannot know. */
  loseReply: {
    kind: 'loseReply',
    about: 'the link breaks on the way back: the call was done, its sender cannot know',
  } as AwsFault,
  /** The call is passed on and done, and no answer ever comes on an open link. */
  loseReplySilently: {
    kind: 'loseReplySilently',
    about: 'the path back is gone: the call was done, the link stays open and silent',
  } as AwsFault,
  /** The call is neither passed on nor answered, on an open link. */
  silence: { kind: 'silence', about: 'the path is gone: the call was not done, the link stays open and silent' } as AwsFault,
} as const;

/** Which calls: one operation, several, `*` for all, or whatever a predicate says. */
export type AwsCallChoice = string | readonly string[] | ((call: AwsCall) => boolean);

/** A fault that waits for its calls, and what has come of it. */
export interface AwsInjection {
  readonly about: string;
  /** How many calls it has met. */
  readonly hits: number;
  /** Resolves at the first call it has met; rejects when the proxy is closed before that. Nobody has to wait for it. */
  readonly met: Promise<void>;
  /** It meets no more calls. */
  remove(): void;
}

/** The calls of one operation that have come so far. */
export interface AwsCount {
  readonly calls: number;
  /** What AWS would bill, in requests of 64 KB, of the calls that were passed on. */
  readonly units: number;
  /** Those that a fault has met. */
  readonly faulted: number;
}

/** An injection as its proxy sees it. */
export class Injection implements AwsInjection {
  readonly fault: AwsFault;
  readonly met: Promise<void>;
  hits = 0;
  readonly #choice: AwsCallChoice;
  #left: number;
  #meet = (): void => {};
  #miss = (_: Error): void => {};

  constructor(choice: AwsCallChoice, fault: AwsFault, times: number) {
    this.fault = fault;
    this.#choice = choice;
    this.#left = times;
    this.met = new Promise((resolve, reject) => {
      this.#meet = resolve;
      this.#miss = reject;
    });
    this.met.catch(() => {});
  }

  get about(): string {
    return this.fault.about;
  }

  /** Whether it is this call's turn; that counts as met. */
  takes(call: AwsCall): boolean {
    if (this.#left <= 0 || !this.#chooses(call)) return false;
    this.#left -= 1;
    this.hits += 1;
    this.#meet();
    return true;
  }

  remove(): void {
    this.#left = 0;
  }

  /** The proxy is closed. */
  end(): void {
    this.remove();
    this.#miss(new Error(`the proxy was closed before a call came for: ${this.about}`));
  }

  #chooses(call: AwsCall): boolean {
    const choice = this.#choice;
    if (typeof choice === 'function') return choice(call);
    return choice === '*' || (typeof choice === 'string' ? choice === call.operation : choice.includes(call.operation));
  }
}
