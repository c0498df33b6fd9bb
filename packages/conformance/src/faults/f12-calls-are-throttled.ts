import { equal, ok } from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { needed, type Refused, type SharingFault } from './fault.js';
import { type Running, steady } from './steady.js';

const THROTTLED_MS = 2_000;

/** Most calls that a service may make in that time: each batch is sent 5 times where its waits double, a hot loop makes thousands. */
const MOST_CALLS = 200;

/** Every call is refused as one too many for a while: each is made again, later and later, and nothing fails. */
export const callsAreThrottled: SharingFault = {
  id: 'F12',
  title: 'calls that are throttled are made again, later each time, and nothing is marked as sent',
  does: `every call is refused as one too many for ${THROTTLED_MS / 1_000} s, twice: those of the publisher, then those of the consumer`,
  breaks: 'its own',
  run: async (field) => {
    await using sending = await field.broker.link();
    await using receiving = await field.broker.link();
    const refused: number[] = [];
    const throttle = async ({ busy, books }: Running, start: () => () => Refused, isSending: boolean): Promise<void> => {
      await busy();
      const end = start();
      const { acknowledged } = books;
      await wait(THROTTLED_MS);
      const more = books.acknowledged - acknowledged;
      const { sends, others } = end();
      const calls = sends + others;
      refused.push(calls);
      ok(calls > 0, 'no call was refused');
      ok(calls <= MOST_CALLS, `${calls} calls were made in ${THROTTLED_MS} ms in which all were refused: nobody waited`);
      if (isSending) ok(more <= field.volume / 10, `${more} sends resolved while all were refused`);
    };
    const outcome = await steady(field, {
      publisher: sending.definition(),
      consumer: receiving.definition(),
      at: [
        [1 / 3, (run) => throttle(run, needed(sending.throttle, 'link.throttle'), true)],
        [2 / 3, (run) => throttle(run, needed(receiving.throttle, 'link.throttle'), false)],
      ],
    });
    equal(outcome.counts.acknowledged, outcome.counts.attempted, 'a send that was throttled failed');
    return { ...outcome, notes: [`refused ${refused.join(' and ')} calls in ${THROTTLED_MS} ms`] };
  },
};
