import type { Clock } from '@omnibus/core/transport';

/** Which posts are old, and which were done before. */
export interface Replay {
  /** Whether a timestamp is too old, or further ahead than clocks differ. */
  isExpired(timestamp: string): boolean;
  /** Whether a message was done within the window: SNS lost our answer, or somebody plays it again. */
  isDone(messageId: string): boolean;
  done(messageId: string): void;
  /** Ids that are remembered. */
  readonly size: number;
}

export interface ReplayOptions {
  readonly clock: Clock;
  /** Age from which a post is refused, in ms. Default: 3,900,000. */
  readonly maxAgeMs?: number | undefined;
  /** Most ids that are remembered. Default: 100,000, which is about 10 MB. */
  readonly maxIds?: number | undefined;
}

/** The longest that SNS tries one message over HTTP is 3,600 s (hard limit of its delivery policies); 5 min on top for clocks. */
const MAX_AGE_MS = 3_900_000;
const AHEAD_MS = 300_000;
const MAX_IDS = 100_000;

/**
 * A window by the clock, and a bounded memory of what was done within it. Only what was answered as done is remembered, so a
 * message that SNS tries again because it was not is never taken for a replay. Beyond `maxIds` the oldest is forgotten: a replay
 * of that one is handled once more, and nothing is lost.
 */
export function replay({ clock, maxAgeMs = MAX_AGE_MS, maxIds = MAX_IDS }: ReplayOptions): Replay {
  const until = new Map<string, number>(); // in order of insertion, which is that of the times
  const forget = (): void => {
    const now = clock.monotonic();
    for (const [id, time] of until) {
      if (time > now && until.size <= maxIds) return;
      until.delete(id);
    }
  };
  return {
    isExpired(timestamp) {
      const age = clock.now() - Date.parse(timestamp);
      return !(age <= maxAgeMs && age >= -AHEAD_MS);
    },
    isDone: (messageId) => (until.get(messageId) ?? Number.NEGATIVE_INFINITY) > clock.monotonic(),
    done(messageId) {
      until.delete(messageId);
      // a post may be dated ahead, and is replayed until it is too old
      until.set(messageId, clock.monotonic() + maxAgeMs + AHEAD_MS);
      forget();
    },
    get size() {
      return until.size;
    },
  };
}
