import { match } from 'node:assert/strict';
import { rejection } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

/**
 * `create` makes the queue, again where somebody deletes it; `verify` does not start without it, `assume` starts and refuses the send.
 * Nothing vanishes.
 */
export const aSendToAMissingQueueIsRefused: Scenario = {
  check: 12,
  title: 'a send to a queue that does not exist is refused',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const options = { producers: [Notes] };

    const verifying = await world.service({ ...options, config: { provision: 'verify' } });
    const { message } = await rejection('TOPOLOGY', world.start(verifying));
    match(message, new RegExp(Notes.name), 'the error names the queue');

    const assuming = await world.service({ ...options, config: { provision: 'assume' } });
    await world.start(assuming);
    await rejection('NO_ROUTE', assuming.producer(Notes).send(Note, { n: 1 }));

    const creating = await world.service(options);
    await world.start(creating);
    await creating.producer(Notes).send(Note, { n: 2 });
    await assuming.producer(Notes).send(Note, { n: 3 });

    const verified = await world.service({ ...options, config: { provision: 'verify' } });
    await world.start(verified);
    await verified.producer(Notes).send(Note, { n: 4 });

    if (!world.may('remove')) return;
    await world.control('remove')({ kind: 'queue', address: Notes.name });
    await creating.producer(Notes).send(Note, { n: 5 });
  },
};
