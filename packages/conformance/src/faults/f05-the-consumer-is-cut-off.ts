import type { Fault } from './fault.js';
import { steady } from './steady.js';

/** RST on the consumer's sockets, five times. */
export const theConsumerIsCutOff: Fault = {
  id: 'F5',
  title: 'a consumer that is cut off gets again what it held, and nothing is skipped',
  ordered: true,
  run: async (field) => {
    await using link = await field.broker.link();
    const cut = async (): Promise<void> => link.cut();
    return await steady(field, {
      ordered: true,
      consumer: link.definition(),
      at: [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => [part, cut] as const),
    });
  },
};
