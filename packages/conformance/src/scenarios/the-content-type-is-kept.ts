import { deepEqual } from 'node:assert/strict';
import { type Codec, jsonCodec, message } from '@omnibus/core';
import { Bytes, Note, shape, Text } from '../messages.js';
import type { Scenario } from '../scenario.js';

const codec: Codec = { ...jsonCodec, contentType: 'application/vnd.acme.order+json; charset=utf-8; profile="a b"' };
const Custom = message('conformance.custom', shape<{ readonly n: number }>(), { codec });

/** Each codec's own content type reaches the other side; JSON is the default. */
export const theContentTypeIsKept: Scenario = {
  check: 5,
  title: 'the content type is kept, and is JSON where nobody says another',
  async run(world) {
    const Mixed = world.queue('mixed', { messages: [Note, Text, Bytes, Custom] });
    const service = await world.service({ producers: [Mixed] });
    const done = world.journal<unknown>('the number of handled messages');
    const deliveries = world.deliveries(Mixed);
    const consumer = service.consumer(Mixed);
    for (const type of Mixed.messages) consumer.handle(type, (payload: unknown) => done.add(payload));
    await world.start(service);

    const producer = service.producer(Mixed);
    await producer.send(Note, { n: 1 });
    await producer.send(Text, 'text');
    await producer.send(Bytes, new Uint8Array([1]));
    await producer.send(Custom, { n: 2 });
    await done.reaches(4);
    deepEqual(Object.fromEntries(deliveries.all.map(({ delivery }) => [delivery.type, delivery.contentType])), {
      'conformance.note': 'application/json',
      'conformance.text': 'text/plain; charset=utf-8',
      'conformance.bytes': 'application/octet-stream',
      'conformance.custom': codec.contentType,
    });
  },
};
