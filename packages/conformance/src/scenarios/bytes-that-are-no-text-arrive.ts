import { deepEqual } from 'node:assert/strict';
import { Bytes } from '../messages.js';
import type { Scenario } from '../scenario.js';

const BODIES = [
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  Buffer.from([0, 0, 0]),
  Buffer.from([0xef, 0xbb, 0xbf, 0x7b]), // a byte order mark and half a JSON
  Buffer.from([0xc3, 0x28, 0xff, 0xfe, 0xed, 0xa0, 0x80]), // what UTF-8 forbids: a lone byte, 0xff, a surrogate
];

/** Every byte there is, and those that a detour through text would change. */
export const bytesThatAreNoTextArrive: Scenario = {
  check: 3,
  title: 'bytes that are no text arrive as they were sent',
  async run(world) {
    const Blobs = world.queue('blobs', { messages: [Bytes] });
    const service = await world.service({ producers: [Blobs] });
    const blobs = world.handled(Bytes);
    service.consumer(Blobs).handle(Bytes, blobs.handler);
    await world.start(service);

    for (const body of BODIES) await service.producer(Blobs).send(Bytes, body);
    await blobs.reaches(BODIES.length);
    deepEqual(inHex(blobs.payloads), inHex(BODIES));
  },
};

const inHex = (bodies: readonly Uint8Array[]): string[] => bodies.map((body) => Buffer.from(body).toString('hex')).sort();
