import { deepEqual } from 'node:assert/strict';
import { rejection } from '../assertions.js';
import { Bytes } from '../messages.js';
import type { Scenario } from '../scenario.js';

const SIZES = [0, 1, 200 * 1_024];
const AFFORDABLE = 256 * 1_024 * 1_024; // what a test may allocate

/** Nothing, one byte, 200 KB. What is over the transport's limit is refused by the sender, before anything leaves. */
export const bodiesOfEverySizeArrive: Scenario = {
  check: 2,
  title: 'bodies of every size arrive, and one over the limit is refused',
  async run(world) {
    const Blobs = world.queue('blobs', { messages: [Bytes] });
    const service = await world.service({ producers: [Blobs] });
    const blobs = world.handled(Bytes);
    service.consumer(Blobs, { concurrency: 1 }).handle(Bytes, blobs.handler);
    await world.start(service);

    const { sendBytes } = world.capabilities(Blobs).limits;
    if (sendBytes <= AFFORDABLE) await rejection('TOO_LARGE', service.producer(Blobs).send(Bytes, new Uint8Array(sendBytes)));
    else world.note('no limit that a test could reach');

    const sent = SIZES.map(pattern);
    for (const body of sent) await service.producer(Blobs).send(Bytes, body);
    await blobs.reaches(sent.length);
    deepEqual(bySize(blobs.payloads.map((body) => Buffer.from(body))), sent);
  },
};

/** Bytes in which a lost, doubled or moved one shows. */
const pattern = (size: number): Buffer =>
  Buffer.from(Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) % 256));

const bySize = (bodies: readonly Buffer[]): Buffer[] => bodies.toSorted((one, other) => one.length - other.length);
