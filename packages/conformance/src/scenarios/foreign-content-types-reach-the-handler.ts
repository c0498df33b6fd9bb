import { deepEqual } from 'node:assert/strict';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const CONTENT_TYPES = ['application/json', 'application/vnd.acme.note+json; charset=utf-8', undefined];

/** Programs that have never heard of Omnibus send the same JSON under several content types, or none, and name no message type. */
export const foreignContentTypesReachTheHandler: Scenario = {
  check: 24,
  title: 'two content types reach one handler',
  async run(world) {
    const publishForeign = world.control('publishForeign');
    const Notes = world.queue('notes', { messages: [Note] });
    const service = await world.service();
    const notes = world.handled(Note);
    const deliveries = world.deliveries(Notes);
    service.consumer(Notes).handle(Note, notes.handler);
    await world.start(service);

    for (const [n, contentType] of CONTENT_TYPES.entries())
      await publishForeign(Notes.name, { body: Buffer.from(`{"n":${n}}`), contentType, headers: { tenant: `acme ${n}` } });
    await notes.reaches(CONTENT_TYPES.length);
    const found = notes.all
      .map(({ payload: { n }, context }) => ({ n, headers: { ...context.headers } }))
      .sort((one, other) => one.n - other.n);
    deepEqual(
      found,
      CONTENT_TYPES.map((_, n) => ({ n, headers: { tenant: `acme ${n}` } })),
    );
    deepEqual(deliveries.all.map(({ delivery }) => delivery.contentType).sort(), CONTENT_TYPES.map((type) => type ?? '').sort());
  },
};
