import { equal, ok } from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { Handling } from './counts.js';
import { needed, type Place, type SharingFault } from './fault.js';
import { type Running, service, steady } from './steady.js';

/** Partitions of the topic: first, and after each of the moves. By Kafka's own hash the 64 keys of a run use all of them. */
const PARTITIONS = [4, 6, 9] as const;

/** The sender hears of new partitions first, so that they hold messages when the group does. */
const SENDER_HEARS_MS = 500;
const GROUP_HEARS_MS = 2_000;

const CONCURRENCY = 16;
const HANDLER_MS = 5;
const LINES = 10;

/** So that much is sent between the moves, and after the last, once its sender has heard of it. */
const REST_MS = 200;

/**
 * Partitions are added while two consumers share the topic, so that keys go elsewhere from then on. What is sent of a key after the
 * move stands in another partition, and may be handled before what waits in the old one; within each the order holds.
 */
export const partitionsAreAdded: SharingFault = {
  id: 'F29',
  title:
    'partitions that are added are found and read from their beginning, and every key keeps its order on each side of a move',
  does: `a topic of ${PARTITIONS[0]} partitions gets ${PARTITIONS.slice(1).join(' and then ')} of them while two consumers share it: keys move, and what is sent of a key after its move may overtake what was sent before (reordered), as its partitions are read side by side; within a partition nothing may`,
  breaks: 'its own',
  run: async (field) => {
    const topics = needed(field.broker.partitioning, 'broker.partitioning');
    const definition = topics.definition(GROUP_HEARS_MS);
    let run: Running | undefined;
    let second: Awaited<ReturnType<typeof service>> | undefined;
    const handler = (): Promise<void> => wait(HANDLER_MS);
    const share = async (running: Running): Promise<void> => {
      const { work, books } = running;
      run = running;
      second = await service(field, {}, definition, work);
      work.consume(second, { concurrency: CONCURRENCY }, (sample) => handler().then(() => books.handle(sample)));
      await second.start();
    };
    const grow = async ({ work }: Running, partitions: number): Promise<void> => topics.grow(work.channel.name, partitions);
    try {
      const outcome = await steady(field, {
        ordered: true,
        publisher: topics.definition(SENDER_HEARS_MS),
        consumer: definition,
        concurrency: CONCURRENCY,
        handler,
        lines: Math.max(LINES, Math.floor(field.volume / 50)),
        restMs: REST_MS,
        at: [
          [0, share],
          [1 / 5, (now) => grow(now, PARTITIONS[1])],
          [3 / 5, (now) => grow(now, PARTITIONS[2])],
        ],
        end: async () => second?.stop(),
      });
      const places = await topics.places(run!.work.channel.name);
      return { ...outcome, notes: [judged(places, run!.books.handlings())] };
    } finally {
      await second?.stop();
    }
  },
};

/** @throws Error where a key was reordered within a partition, went back, or a new partition had nothing */
function judged(places: readonly Place[], handlings: readonly Handling[]): string {
  const all = Math.max(...PARTITIONS);
  const used = new Set(places.map(({ partition }) => partition));
  equal(used.size, all, `only ${used.size} of ${all} partitions have any messages: the sender did not hear of the others`);
  const placeOf = new Map(places.map((place) => [place.id, place]));
  const within = new Map<string, number>();
  let reordered = 0;
  for (const { sample } of handlings) {
    const line = `${placeOf.get(sample.id)?.partition} ${sample.key}`;
    if (sample.n < (within.get(line) ?? -1)) reordered++;
    else within.set(line, sample.n);
  }
  equal(reordered, 0, `${reordered} messages were reordered within their partition`);
  const moves = movesOf(handlings, placeOf);
  ok(Math.max(...moves) > 0, 'no key moved to another partition');
  ok(Math.max(...moves) < PARTITIONS.length, 'a key went back to a partition that it had left');
  const moved = moves.reduce((sum, each) => sum + each, 0);
  return `${PARTITIONS.join(', ')} partitions: keys moved ${moved} times, and none was reordered within a partition`;
}

/** How often each key changed its partition, in the order in which it was sent. */
function movesOf(handlings: readonly Handling[], placeOf: ReadonlyMap<string, Place>): readonly number[] {
  const at = new Map<string, { partition: number; moves: number }>();
  for (const { sample } of handlings.toSorted((one, other) => one.sample.n - other.sample.n)) {
    const partition = placeOf.get(sample.id)!.partition;
    const last = at.get(sample.key);
    const moves = last === undefined ? 0 : last.moves + (last.partition === partition ? 0 : 1);
    at.set(sample.key, { partition, moves });
  }
  return [...at.values()].map(({ moves }) => moves);
}
