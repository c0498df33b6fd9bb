import type { Fault } from './fault.js';
import { steady } from './steady.js';

/** SIGSTOP: the sockets stay open and nobody answers. 5 s in the short form, then 30 and 120 s. */
export const theBrokerIsFrozen: Fault = {
  id: 'F3',
  title: 'no send resolves while the broker is frozen, and all go on afterwards',
  run: (field) => {
    const freeze = (ms: number) => (): Promise<void> => field.broker.freeze(ms);
    return steady(field, {
      at: [
        [1 / 4, freeze(5_000)],
        ...(field.full
          ? ([
              [1 / 2, freeze(30_000)],
              [3 / 4, freeze(120_000)],
            ] as const)
          : []),
      ],
    });
  },
};
