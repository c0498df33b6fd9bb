import { isMessagingError, type MessagingError } from '@omnibus/core/transport';
import { callError, kafkaError } from './errors.js';

/** Positions of one assignment on their way to the group's coordinator. */
export interface Commits {
  /** Resolves once the position is stored, or a later one of the partition. Throws LOST where the assignment is over. */
  add(partition: number, offset: bigint): Promise<void>;
  /** What waits leaves at once. */
  flush(): void;
  /** The assignment is over: what waits is lost. What is under way is not: the broker says what became of it. */
  end(): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/**
 * One commit at a time; all that comes meanwhile goes with the next, whatever the number of partitions. `write` is called at the
 * beginning of a turn of the event loop, where kafkajs is not in the middle of taking over a new assignment.
 */
export function commits(where: string, write: (offsets: ReadonlyMap<number, bigint>) => Promise<void>): Commits {
  let waiting = new Map<number, bigint>();
  let next: Promise<void> | undefined;
  let running: Promise<void> | undefined;
  let isOver = false;

  const leave = async (): Promise<void> => {
    if (isOver) throw lost(where);
    const offsets = waiting;
    waiting = new Map();
    if (offsets.size === 0) return;
    try {
      await write(offsets);
    } catch (error) {
      throw failure(where, error);
    }
  };
  const later = async (): Promise<void> => {
    await running?.catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    next = undefined;
    running = leave();
    await running;
  };
  return {
    add(partition, offset) {
      if (isOver) return Promise.reject(lost(where));
      const known = waiting.get(partition);
      if (known === undefined || known < offset) waiting.set(partition, offset);
      next ??= later();
      return next;
    },
    flush() {
      if (waiting.size > 0) running = leave();
      running?.catch(() => undefined);
    },
    end() {
      isOver = true;
    },
    async idle() {
      while (next !== undefined) await next.catch(() => undefined);
      await running?.catch(() => undefined);
    },
  };
}

const lost = (where: string): MessagingError =>
  kafkaError('LOST', `${where}: the partition was given to another member of the group, or is to be; the message comes again`);

/** A coordinator that does not answer is asked again by the core, as the messages are still ours. */
function failure(where: string, error: unknown): MessagingError {
  const known = isMessagingError(error) ? error : callError(`${where}: committing`, error);
  return known.code === 'CONNECTION' ? kafkaError('TIMEOUT', known.message, { cause: error }) : known;
}
