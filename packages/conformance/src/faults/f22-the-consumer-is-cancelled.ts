import type { App } from '@omnibus/core';
import type { Fault } from './fault.js';
import { steady, until } from './steady.js';

/** The broker cancels a consumer whose link is fine: it consumes again, on the same link. */
export const theConsumerIsCancelled: Fault = {
  id: 'F22',
  title: 'a consumer that the broker cancelled consumes again without a new link',
  run: (field) =>
    steady(field, {
      at: [
        [
          1 / 2,
          ({ queue, quiet, consumers }) =>
            quiet(async () => {
              const app = consumers[0] as App;
              const before = app.stats.reconnects;
              await field.broker.remove(queue);
              await until(
                'the consumer is back',
                async () => (await field.broker.count(queue)) !== undefined && (await app.health()).ok,
                field.deadlineMs,
              );
              if (app.stats.reconnects !== before) throw new Error('the whole link was opened anew for one cancelled consumer');
            }),
        ],
      ],
    }),
};
