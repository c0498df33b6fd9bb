import type { SharingFault } from './fault.js';
import { killConsumer } from './kill-consumer.js';

/** SIGKILL of a process whose handlers have begun: another one gets their messages. */
export const aConsumerIsKilledInItsHandler: SharingFault = {
  id: 'F14',
  title: 'what a killed process was handling is handled by another',
  does: 'a second consumer, in a process of its own, gets SIGKILL while its handlers run',
  breaks: 'its own',
  run: (field) => killConsumer(field, 'stall'),
};
