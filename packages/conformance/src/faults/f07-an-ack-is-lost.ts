import { ok } from 'node:assert/strict';
import type { SharingFault } from './fault.js';
import { steady } from './steady.js';

/** The link ends after a delivery and before its ack: the message comes again, or its ack is sent again; the old ack settles nothing. */
export const anAckIsLost: SharingFault = {
  id: 'F7',
  title: 'a message whose ack is lost comes again, and its old ack is harmless',
  does: 'the consumer’s socket is cut right behind a delivery, five times, before its ack leaves',
  breaks: 'its own',
  run: async (field) => {
    await using link = await field.broker.link();
    const cut = (): Promise<void> => link.cutAfterNext('down');
    const outcome = await steady(field, {
      consumer: link.definition(),
      at: [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => [part, cut] as const),
    });
    const { linkless = false } = field.harness; // then the ack is sent again, while the lock holds
    ok(linkless || outcome.reconnects.consumer > 0, 'the consumer had no new link: nothing was cut');
    ok(linkless || outcome.counts.duplicated > 0, 'no message came again');
    return outcome;
  },
};
