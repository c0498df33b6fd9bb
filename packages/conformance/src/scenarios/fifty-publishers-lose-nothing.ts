import { deepEqual } from 'node:assert/strict';
import { times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const SERVICES = 5;
const PUBLISHERS = 50;
const BURST = 100; // unconfirmed sends of one publisher

/** Fifty publishers in five services send as fast as they are confirmed. What was confirmed is handled; nothing else is. */
export const fiftyPublishersLoseNothing: Scenario = {
  check: 10,
  title: 'fifty publishers at once lose nothing',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const publishers = await Promise.all(times(SERVICES, () => world.service({ producers: [Notes] })));
    const consumer = await world.service();
    const seen = new Uint8Array(PUBLISHERS * world.volume);
    let handled = 0;
    let unexpected = 0;
    consumer.consumer(Notes, { concurrency: 64 }).handle(Note, ({ n }) => {
      if (!(n in seen)) unexpected++;
      else if (seen[n]!++ === 0) handled++;
    });
    await world.start(consumer, ...publishers);

    const publish = async (publisher: number): Promise<void> => {
      const producer = publishers[publisher % SERVICES]!.producer(Notes);
      for (let from = 0; from < world.volume; from += BURST) {
        const burst = times(Math.min(BURST, world.volume - from), (index) => publisher * world.volume + from + index);
        await Promise.all(burst.map((n) => producer.send(Note, { n })));
      }
    };
    await Promise.all(times(PUBLISHERS, publish));
    await world.until(
      'every confirmed message is handled',
      () => handled === seen.length,
      () => ({ handled, of: seen.length }),
    );
    deepEqual({ lost: seen.length - handled, unexpected }, { lost: 0, unexpected: 0 });
    world.note(`${PUBLISHERS} publishers sent ${world.volume.toLocaleString('en')} messages each`);
  },
};
