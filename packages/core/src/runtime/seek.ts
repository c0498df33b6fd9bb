import { pause } from '../emulate/pause.js';
import type { From } from '../transport/channel.js';
import type { Clock } from '../transport/clock.js';
import { MessagingError, textOf } from '../transport/errors.js';
import { asMessagingError } from './link-error.js';
import type { Session } from './session.js';
import { within } from './within.js';

/** What it takes to move the positions of one consumer, which asks for nothing and starts no handler meanwhile. */
export interface Seeking {
  /** `seek of orders/shipping`, for errors. */
  readonly what: string;
  readonly session: Session;
  readonly clock: Clock;
  /** Most ms that `quiet` is waited for. */
  readonly deadlineMs: number;
  /** Resolves when what runs has ended and its verdicts have reached the broker. */
  readonly quiet: Promise<void>;
  /** Aborts when the session ends. */
  readonly signal: AbortSignal;
}

/** No receiver takes longer to move its positions. */
const SEEK_MS = 30_000;

/**
 * Moves the positions of a log and gives the partitions. What was delivered before is lost: its lease has ended. Where nobody knows
 * what became of it, the receiver is opened anew, and goes on where the group stands.
 */
export async function seek(from: From, { what, session, clock, deadlineMs, quiet, signal }: Seeking): Promise<readonly string[]> {
  const ended = (moved: string): MessagingError =>
    new MessagingError('LOST', `${what}: its link ended meanwhile (${textOf(signal.reason)}); ${moved}`, {
      cause: signal.reason,
    });
  const done = new AbortController();
  void quiet.then(() => done.abort());
  await pause(clock, deadlineMs, [done.signal, signal]);
  if (signal.aborted) throw ended('nothing was moved');
  const move = async (): Promise<readonly string[]> => session.receiver.seek?.(from) ?? [];
  try {
    return await within(clock, SEEK_MS, what, move, signal);
  } catch (thrown) {
    if (signal.aborted) throw ended('nobody knows whether positions were moved');
    const error = asMessagingError(thrown, what);
    if (error.code !== 'INVALID' && error.code !== 'LOST')
      session.restart(`${what} failed, and nobody knows whether positions were moved: ${error.message}`);
    throw error;
  }
}
