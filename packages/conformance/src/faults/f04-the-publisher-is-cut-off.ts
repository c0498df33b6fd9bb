import type { Fault } from './fault.js';
import { steady } from './steady.js';

/** RST on the publisher's sockets, five times: what is in flight is sent again with the same id. */
export const thePublisherIsCutOff: Fault = {
  id: 'F4',
  title: 'a publisher that is cut off sends what is unresolved again, in order',
  ordered: true,
  run: async (field) => {
    await using link = await field.broker.link();
    const cut = async (): Promise<void> => link.cut();
    return await steady(field, {
      ordered: true,
      publisher: link.definition(),
      at: [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => [part, cut] as const),
    });
  },
};
