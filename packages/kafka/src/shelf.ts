import { type Clock, type Delivery, inbox, type MessagingError } from '@omnibus/core/transport';

/** What was fetched and not received yet, by partition. */
export interface Shelf {
  readonly size: number;
  put(partition: number, delivery: Delivery): void;
  /** As `Inbox.take`, from one partition after another. */
  take(max: number, signal: AbortSignal): Promise<readonly Delivery[]>;
  /** Forgets what is of this partition; without one, all. */
  drop(partition?: number): void;
  fail(error: MessagingError): void;
}

/** What waits of one partition; `next` is the first that was not given yet. */
interface Line {
  readonly deliveries: (Delivery | undefined)[];
  next: number;
}

/** Takes the first, and lets go of it, although more may come before the line is ever empty. */
function shift(line: Line): Delivery {
  const first = line.deliveries[line.next]!;
  line.deliveries[line.next++] = undefined;
  if (line.next * 2 >= line.deliveries.length) {
    line.deliveries.splice(0, line.next);
    line.next = 0;
  }
  return first;
}

/**
 * Hands out the partitions in turns, each in its own order: a fetch brings hundreds of messages of one partition, then of the next, and
 * the keys of one partition alone would leave handlers without work.
 */
export function shelf(clock: Clock): Shelf {
  const box = inbox(clock);
  /** The first is the next to give. */
  const lines = new Map<number, Line>();
  let stored = 0;
  let asked = 0;

  const feed = (): void => {
    while (stored > 0 && box.size < asked) {
      for (const [partition, line] of lines) {
        box.push(shift(line));
        stored--;
        lines.delete(partition);
        if (line.deliveries.length > 0) lines.set(partition, line);
        break;
      }
    }
  };
  return {
    get size() {
      return stored + box.size;
    },
    put(partition, delivery) {
      const line = lines.get(partition);
      if (line === undefined) lines.set(partition, { deliveries: [delivery], next: 0 });
      else line.deliveries.push(delivery);
      stored++;
      feed();
    },
    async take(max, signal) {
      asked = max;
      feed();
      try {
        return await box.take(max, signal);
      } finally {
        asked = 0;
      }
    },
    drop(partition) {
      for (const [each, { deliveries, next }] of lines) {
        if (partition !== undefined && each !== partition) continue;
        stored -= deliveries.length - next;
        lines.delete(each);
      }
      const fed = box.drain();
      for (const delivery of fed) if (partition !== undefined && delivery.partition !== String(partition)) box.push(delivery);
    },
    fail(error) {
      lines.clear();
      stored = 0;
      box.fail(error);
    },
  };
}
