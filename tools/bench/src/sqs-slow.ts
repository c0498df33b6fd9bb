import type { Bench } from './bench.js';
import { ratioFigure } from './figures.js';
import { SLOW, SlowOrderHandler } from './handlers.js';
import { beside, SIDE_BY_SIDE } from './sqs-sides.js';
import { informed } from './windows.js';

const LEAST = 30;

/** The same where some handlers are slow: sqs-consumer waits for the slowest of each ten, and two of three tens have one. */
export const sqsSlow: Bench = {
  name: 'sqs slow handlers',
  async run({ size }) {
    const twin = { engine: 'stand-in', size, ours: 12_000, native: 400, mode: 'handleMessageBatch', instances: 1 } as const;
    const one = await beside(SlowOrderHandler, twin);
    const each = await beside(SlowOrderHandler, { ...twin, size: informed(size), mode: 'handleMessage' });
    const many = await beside(SlowOrderHandler, { ...twin, size: informed(size), native: 4_000, instances: SIDE_BY_SIDE });
    const emulated = await beside(SlowOrderHandler, { ...twin, size: informed(size), engine: 'fauxqs' });
    const what = `${SLOW.share * 100} % of the handlers take ${SLOW.ms} ms`;
    return [
      ratioFigure(`consume, ${what}, beside sqs-consumer (handleMessageBatch)`, one, LEAST),
      ratioFigure('the same beside handleMessage, which deletes one by one', each),
      ratioFigure(`the same beside ${SIDE_BY_SIDE} instances of it in one process`, many),
      ratioFigure('the same as the first, on fauxqs', emulated),
    ];
  },
};
