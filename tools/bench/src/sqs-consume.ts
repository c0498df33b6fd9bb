import type { Bench } from './bench.js';
import { ratioFigure } from './figures.js';
import { OrderHandler } from './handlers.js';
import { beside, SIDE_BY_SIDE } from './sqs-sides.js';
import { informed } from './windows.js';

const LEAST = 8;

/**
 * A filled queue, every message handled and deleted, beside sqs-consumer with ten messages a receive. That has one call open at a
 * time, so that it waits for two round trips over every ten messages; more of it means more instances.
 */
export const sqsConsume: Bench = {
  name: 'sqs consume',
  async run({ size }) {
    const twin = { engine: 'stand-in', size, ours: 20_000, native: 2_000, mode: 'handleMessageBatch', instances: 1 } as const;
    const batch = await beside(OrderHandler, twin);
    const each = await beside(OrderHandler, { ...twin, size: informed(size), mode: 'handleMessage' });
    const many = await beside(OrderHandler, { ...twin, size: informed(size), native: 20_000, instances: SIDE_BY_SIDE });
    const emulated = await beside(OrderHandler, { ...twin, size: informed(size), engine: 'fauxqs' });
    return [
      ratioFigure('consume, deleted, beside sqs-consumer (handleMessageBatch)', batch, LEAST),
      ratioFigure('the same beside handleMessage, which deletes one by one', each),
      ratioFigure(`the same beside ${SIDE_BY_SIDE} instances of it in one process`, many),
      ratioFigure('the same as the first, on fauxqs, which is what bounds us there', emulated),
    ];
  },
};
