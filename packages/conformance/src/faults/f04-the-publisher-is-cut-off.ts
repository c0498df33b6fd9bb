import { ok } from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { SharingFault } from './fault.js';
import { type Running, steady } from './steady.js';

/** RST on the publisher's sockets, five times: what is in flight is sent again with the same id. */
export const thePublisherIsCutOff: SharingFault = {
  id: 'F4',
  title: 'a publisher that is cut off sends what is unresolved again, in order',
  does: 'the publisher’s sockets are reset, five times, with sends in flight',
  breaks: 'its own',
  ordered: true,
  run: async (field) => {
    await using link = await field.broker.link();
    let connections = 0;
    const cut = async ({ busy }: Running): Promise<void> => {
      await busy();
      await turn(); // so that bytes of it have left
      connections += link.cut();
    };
    const outcome = await steady(field, {
      ordered: true,
      publisher: link.definition(),
      at: [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => [part, cut] as const),
    });
    ok(connections > 0, 'nothing was cut');
    ok(field.harness.linkless || outcome.reconnects.publisher > 0, 'the publisher had no new link');
    return outcome;
  },
};
