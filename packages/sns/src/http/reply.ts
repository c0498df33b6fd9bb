/** Why a post was not taken. */
export type Refusal =
  | 'method'
  | 'too-large'
  | 'slow'
  | 'garbage'
  | 'raw'
  | 'foreign-topic'
  | 'expired'
  | 'untrusted-certificate'
  | 'forged'
  | 'busy'
  | 'unavailable'
  | 'closed';

/** The answer to one POST. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * SNS tries again after 5xx, and after no answer within 15 s; 4xx it takes for final ("Amazon SNS message delivery retries"). So
 * what only fails for now is 503, and what no repetition makes true is 4xx.
 */
const STATUS: Readonly<Record<Refusal, number>> = {
  method: 405,
  'too-large': 413,
  garbage: 400,
  raw: 403,
  'foreign-topic': 403,
  expired: 403,
  'untrusted-certificate': 403,
  forged: 403,
  slow: 503,
  busy: 503,
  unavailable: 503,
  closed: 503,
};

const TEXT = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };

/** The body names the reason and nothing of the post. */
export function refusalReply(refusal: Refusal): HttpReply {
  const allow = refusal === 'method' ? { allow: 'POST' } : {};
  return { status: STATUS[refusal], headers: { ...TEXT, ...allow }, body: `refused: ${refusal}\n` };
}

/** Done: SNS does not post it again. */
export const DONE: HttpReply = Object.freeze({ status: 200, headers: TEXT, body: 'done\n' });

/** Not done: SNS posts it again by its delivery policy. */
export const AGAIN: HttpReply = Object.freeze({ status: 503, headers: TEXT, body: 'again\n' });

/** Counts since the endpoint was made. Plain numbers, for metrics. */
export interface EndpointStats {
  /** Notifications that were true and given to the consumer. */
  accepted: number;
  /** Answered 200 after the consumer's verdict. */
  done: number;
  /** Answered 503 after the consumer's verdict: retried or given back. */
  again: number;
  /** Answered 503 because no verdict came in time, or SNS had hung up: SNS posts them again. */
  late: number;
  /** Answered 200 without handling: done before, and posted again because our answer was lost, or by somebody else. */
  repeated: number;
  /** Subscriptions that were confirmed. */
  confirmed: number;
  readonly refused: Record<Refusal, number>;
}

/** All zero. */
export function endpointStats(): EndpointStats {
  const refused = Object.fromEntries(Object.keys(STATUS).map((refusal) => [refusal, 0])) as Record<Refusal, number>;
  return { accepted: 0, done: 0, again: 0, late: 0, repeated: 0, confirmed: 0, refused };
}
