import { ATTEMPTS_HEADER } from '../emulate/header-names.js';
import type { Clock } from '../transport/clock.js';
import type { Delivery } from '../transport/message.js';
import type { Handler, Routed } from './handler.js';
import type { Task } from './task.js';

/** Why a delivery does not reach a handler. */
export type Refusal =
  | { readonly as: 'expired' | 'skipped' | 'old' }
  | { readonly as: 'dead'; readonly reason: string; readonly error: string | undefined };

export interface AdmitOptions {
  /** The handler of a delivery; undefined = outside the contract. */
  readonly route: (delivery: Delivery) => Routed | undefined;
  readonly handlers: readonly Handler[];
  readonly clock: Clock;
  readonly crashLimit: number;
  readonly countedByBroker: boolean;
}

const EXPIRED: Refusal = { as: 'expired' };
const SKIPPED: Refusal = { as: 'skipped' };
const OLD: Refusal = { as: 'old' };
const UNKNOWN: Refusal = { as: 'dead', reason: 'unknown-type', error: undefined };
const ABSURD: Refusal = {
  as: 'dead',
  reason: 'invalid',
  error: `header ${ATTEMPTS_HEADER} is not a whole number from 1 to 1,000,000`,
};

/** The handler of a delivery, or why there is none. Looked at again before every attempt, since time passes in between. */
export function admit(task: Task, { route, clock, crashLimit }: AdmitOptions): Handler | Refusal {
  const { delivery } = task;
  if (delivery.expiresAt !== Number.POSITIVE_INFINITY && delivery.expiresAt <= clock.now()) return EXPIRED;
  if (task.session.tooOld(delivery)) return OLD;
  if (delivery.deliveries > crashLimit)
    return { as: 'dead', reason: 'crash-loop', error: `delivered ${delivery.deliveries} times and never settled` };
  const routed = route(delivery);
  if (routed === undefined) return UNKNOWN;
  if (routed === 'skip') return SKIPPED;
  return delivery.headers[ATTEMPTS_HEADER] === undefined || countOf(delivery.headers[ATTEMPTS_HEADER]) > 0 ? routed : ABSURD;
}

/** Number of this attempt: failures in the lane, plus what a re-sent copy or (where it re-sends nothing) the broker counted. */
export function attemptOf(task: Task, countedByBroker: boolean): number {
  const copied = task.delivery.headers[ATTEMPTS_HEADER];
  const counted = countedByBroker && task.delivery.deliveries > 1 ? task.delivery.deliveries : 1;
  return (copied === undefined ? counted : Math.max(countOf(copied), counted)) + task.failures;
}

/** 0 where the text is no count. */
function countOf(text: string): number {
  const count = Number(text);
  return Number.isInteger(count) && count >= 1 && count <= 1_000_000 ? count : 0;
}
