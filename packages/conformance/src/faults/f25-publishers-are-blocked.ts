import type { Fault } from './fault.js';
import { steady } from './steady.js';

/** The broker takes nothing from publishers for a while: sends wait, no more than the batcher's bound, and go on. */
export const publishersAreBlocked: Fault = {
  id: 'F25',
  title: 'sends wait while the broker blocks publishers, and consumers go on',
  run: (field) => {
    const block = async (): Promise<void> => {
      const unblock = await field.broker.blockPublishers();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await unblock();
    };
    return steady(field, {
      at: [
        [1 / 3, block],
        [2 / 3, block],
      ],
    });
  },
};
