import { ok } from 'node:assert/strict';
import type { SharingFault } from './fault.js';
import { steady } from './steady.js';

/** The bytes of a send pass, the link ends before its confirm comes back: its outcome is unknown. */
export const theAnswerToASendIsLost: SharingFault = {
  id: 'F6',
  title: 'a send whose answer is lost is sent again and never counts as lost',
  does: 'the publisher’s socket is cut right behind a message, five times, before its confirm comes back',
  breaks: 'its own',
  run: async (field) => {
    await using link = await field.broker.link();
    const cut = (): Promise<void> => link.cutAfterNext('up');
    const outcome = await steady(field, {
      publisher: link.definition(),
      at: [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => [part, cut] as const),
    });
    ok(field.harness.linkless || outcome.reconnects.publisher > 0, 'the publisher had no new link: nothing was cut');
    return outcome;
  },
};
