import { ok } from 'node:assert/strict';
import type { SharingFault } from './fault.js';
import { killConsumer } from './kill-consumer.js';

/** SIGKILL between the effect of a handler and its ack: the message is handled again, and that is counted. */
export const aConsumerIsKilledAfterTheEffect: SharingFault = {
  id: 'F15',
  title: 'a message whose effect was not acknowledged is handled again, and counted as a duplicate',
  does: 'a second consumer, in a process of its own, gets SIGKILL after the effect of its handlers and before their acks',
  breaks: 'its own',
  run: async (field) => {
    const outcome = await killConsumer(field, 'effect');
    ok(outcome.counts.duplicated > 0, 'no message came again');
    return outcome;
  },
};
