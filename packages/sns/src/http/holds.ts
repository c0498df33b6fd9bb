import type { Clock, Timer } from '@omnibus/core/transport';

/**
 * SNS waits 15 s for an answer ("Make sure your endpoint is ready to process Amazon SNS messages"). Ours leaves 1 s before, so
 * that it is SNS's too; from then on the post is SNS's to try again.
 */
export const HOLD_MS = 14_000;

/** How the wait of one post ended: by a verdict, by time, or because SNS hung up. */
type Ending = 'done' | 'again' | 'late' | 'gone';

/** One post that waits for its verdict. */
export interface Hold {
  readonly messageId: string;
  /** On `Clock.monotonic()`. */
  readonly lockedUntil: number;
  /** `settled`: a verdict was answered. `lost`: it is SNS's again. */
  readonly state: 'held' | 'settled' | 'lost';
  readonly ending: Promise<Ending>;
}

interface OwnHold extends Hold {
  state: Hold['state'];
  readonly end: (ending: Ending) => void;
}

/** The posts whose answers wait, by message id: one of them at one time. */
export interface Holds {
  readonly size: number;
  has(messageId: string): boolean;
  add(messageId: string, lockedUntil: number, gone: AbortSignal): Hold;
  /** Answers it; false where its time was over before. */
  settle(hold: Hold, ending: 'done' | 'again'): boolean;
  /** Gives back all of them. */
  close(): void;
}

/** Nothing is held at first. */
export function holds(clock: Clock): Holds {
  const held = new Map<string, OwnHold>();
  return {
    get size() {
      return held.size;
    },
    has: (messageId) => held.has(messageId),
    add(messageId, lockedUntil, gone) {
      let resolve!: (ending: Ending) => void;
      const promise = new Promise<Ending>((done) => {
        resolve = done;
      });
      const hold: OwnHold = {
        messageId,
        lockedUntil,
        state: 'held',
        ending: promise,
        end(ending) {
          held.delete(messageId);
          timer.cancel();
          gone.removeEventListener('abort', hangUp);
          hold.state = ending === 'done' || ending === 'again' ? 'settled' : 'lost';
          resolve(ending);
        },
      };
      const hangUp = (): void => hold.end('gone');
      const timer: Timer = clock.timer(lockedUntil - clock.monotonic(), () => hold.end('late'));
      held.set(messageId, hold);
      if (gone.aborted) hangUp();
      else gone.addEventListener('abort', hangUp, { once: true });
      return hold;
    },
    settle(given, ending) {
      const hold = given as OwnHold;
      if (hold.state !== 'held') return hold.state === 'settled';
      if (hold.lockedUntil <= clock.monotonic()) {
        hold.end('late');
        return false;
      }
      hold.end(ending);
      return true;
    },
    close() {
      for (const hold of [...held.values()]) hold.end('late');
    },
  };
}
