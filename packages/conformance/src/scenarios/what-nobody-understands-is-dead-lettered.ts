import { deepEqual, equal } from 'node:assert/strict';
import { bytesCodec, message, textCodec } from '@omnibus/core';
import { Memo, Note, shape } from '../messages.js';
import type { Scenario } from '../scenario.js';

// the same names on the wire as Note and Memo, by programs that see them differently
const LooseNote = message(Note.name, shape<{ readonly n: unknown }>());
const TextNote = message(Note.name, shape<string>(), { codec: textCodec });
const NoteBytes = message(Note.name, shape<Uint8Array>(), { codec: bytesCodec });
const MemoBytes = message(Memo.name, shape<Uint8Array>(), { codec: bytesCodec });

/**
 * The consumer knows an older contract than its senders. A type that it has never heard of, a payload that does not fit its schema
 * and one that is not even JSON end in the dead-letter queue after one look; what it understands is handled.
 */
export const whatNobodyUnderstandsIsDeadLettered: Scenario = {
  check: 25,
  title: 'a message that nobody understands is dead-lettered, not lost and not looping',
  feature: 'reject',
  mandatory: true,
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const newer = world.queue('notes', { messages: [Note, Memo] });
    const loose = world.queue('notes', { messages: [LooseNote] });
    const text = world.queue('notes', { messages: [TextNote] });

    const reader = await world.service();
    const notes = world.handled(Note);
    reader.consumer(Notes, { concurrency: 1 }).handle(Note, notes.handler);
    const undertaker = await world.service();
    const Dead = world.deadLetters(world.queue('notes', { messages: [NoteBytes, MemoBytes] }));
    const bodies = world.journal<string>('the number of dead letters');
    const dead = world.deliveries(Dead);
    const bury = (body: Uint8Array): void => bodies.add(Buffer.from(body).toString());
    undertaker.consumer(Dead).handle(NoteBytes, bury).handle(MemoBytes, bury);
    const senders = [
      await world.service({ producers: [newer] }),
      await world.service({ producers: [loose] }),
      await world.service({ producers: [text] }),
    ] as const;
    await world.start(reader, undertaker, ...senders);

    await senders[0].producer(newer).send(Memo, { n: 1 });
    await senders[1].producer(loose).send(LooseNote, { n: 'one' });
    await senders[2].producer(text).send(TextNote, 'not JSON');
    await senders[0].producer(newer).send(Note, { n: 2 });
    await notes.reaches(1);
    await bodies.reaches(3);
    deepEqual(notes.payloads, [{ n: 2 }]);
    deepEqual(bodies.all.toSorted(), ['not JSON', '{"n":"one"}', '{"n":1}']);
    const deaths = dead.all.map(({ delivery }) => JSON.parse(delivery.headers['omnibus-dead']!) as { readonly reason: string });
    deepEqual(deaths.map(({ reason }) => reason).sort(), ['invalid', 'invalid', 'unknown-type']);
    const stats = reader.stats.consumers[Notes.name]!;
    deepEqual({ received: stats.received, handled: stats.handled, dead: stats.dead }, { received: 4, handled: 1, dead: 3 });
    equal(stats.retried, 0);
  },
};
