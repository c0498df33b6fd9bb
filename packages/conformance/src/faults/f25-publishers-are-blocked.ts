import { equal, ok } from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { BrokerFault } from './fault.js';
import { type Running, steady } from './steady.js';

const BLOCKED_MS = 2_000;

/** What the broker took before it blocked may still be confirmed for so long. */
const ON_THE_WAY_MS = 500;

/** The broker takes nothing from publishers for a while: sends wait, and go on afterwards. */
export const publishersAreBlocked: BrokerFault = {
  id: 'F25',
  title: 'sends wait while the broker blocks publishers, and go on afterwards',
  does: 'the broker raises its memory alarm for 2 s, twice: it takes nothing from publishers',
  breaks: 'the broker',
  run: (field) => {
    const block = async ({ quiet, busy, books }: Running): Promise<void> => {
      let unblock = async (): Promise<void> => {};
      // it takes a while to block: sends that go on meanwhile would all be over
      await quiet(async () => {
        unblock = await field.broker.blockPublishers();
      });
      await busy();
      await wait(ON_THE_WAY_MS);
      const { acknowledged } = books;
      await wait(BLOCKED_MS - ON_THE_WAY_MS);
      const more = books.acknowledged - acknowledged;
      const isWaiting = books.acknowledged < field.volume;
      await unblock();
      ok(isWaiting, 'every message was sent before publishers were blocked');
      equal(more, 0, `${more} sends resolved while publishers were blocked`);
    };
    return steady(field, {
      at: [
        [1 / 3, block],
        [2 / 3, block],
      ],
    });
  },
};
