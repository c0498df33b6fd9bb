import { deepEqual, ok } from 'node:assert/strict';
import { inspect } from 'node:util';
import { type Logger, message, textCodec } from '@omnibus/core';
import { rejection } from '../assertions.js';
import { Bytes, shape, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';

const PAYLOAD = 'payload-4711';
const HEADER = 'header-4712';
const TOO_MUCH = 64 * 1024 * 1024;

interface Card {
  readonly number: string;
  readonly ok: boolean;
}

const Payment = message(
  'conformance.payment',
  shape<Card>((card) => typeof card === 'object' && typeof card?.ok === 'boolean'),
);
/** The same type on the wire, from a program that writes what it likes. */
const Garbage = message(Payment.name, shape<string>(), { codec: textCodec });

/** Messages that fail in every way there is, and sends that are refused. Every line and error is read for what must not be in it. */
export const nothingSecretIsLogged: Scenario = {
  check: 80,
  title: 'no payload and no secret is logged',
  async run(world) {
    const Payments = world.queue('payments', { messages: [Payment] });
    const Anything = world.queue('payments', { messages: [Garbage] });
    const Blobs = world.queue('blobs', { messages: [Bytes] });
    const lines: string[] = [];
    const add = (fields: object, text: string): void => void lines.push(`${text} ${inspect(fields, { depth: 10 })}`);
    const logger: Logger = { debug: add, info: add, warn: add, error: add };
    const say = (error: Error): void => void lines.push(inspect(error, { depth: 10 }));

    const foreigner = await world.service({ producers: [Anything], logger });
    const service = await world.service({ producers: [Payments, Blobs], logger });
    const ends = world.journal<string>('the number of ends');
    service.consumer(Payments, { retry: soon }).handle(Payment, ({ number }, { attempt }) => {
      ends.add(number);
      if (number === `${PAYLOAD} fails once` && attempt > 1) return;
      throw new TypeError('it fails');
    });
    await world.start(service, foreigner);

    const headers = { authorization: HEADER };
    const producer = service.producer(Payments);
    await producer.send(Payment, { number: `${PAYLOAD} fails once`, ok: true }, { headers });
    await producer.send(Payment, { number: `${PAYLOAD} fails always`, ok: true }, { headers });
    for (const text of [PAYLOAD, `{"number":"${PAYLOAD}"}`, `{"number":"${PAYLOAD}`])
      await foreigner.producer(Anything).send(Garbage, text, { headers });
    say(await rejection('INVALID', producer.send(Payment, { number: PAYLOAD } as Card, { headers })));
    say(await rejection('INVALID', producer.send(Payment, { number: PAYLOAD, ok: true }, { headers: { 'ce-id': HEADER } })));
    if (world.capabilities(Blobs).limits.sendBytes < TOO_MUCH) {
      const body = Buffer.alloc(TOO_MUCH, PAYLOAD);
      say(await rejection('TOO_LARGE', service.producer(Blobs).send(Bytes, body, { headers })));
    }
    await ends.reaches(7);
    const stats = () => service.stats.consumers[Payments.name]!;
    await world.until('four are dead', () => stats().dead === 4 && stats().held === 0, stats);
    lines.push(inspect(await service.health(), { depth: 10 }), String(service.plan), inspect(service, { depth: 1 }));
    await world.stop(service);

    ok(lines.length > 8, 'failures are logged at all');
    const secrets = [PAYLOAD, HEADER, ...world.secrets];
    deepEqual(
      lines.filter((line) => secrets.some((secret) => line.includes(secret))),
      [],
    );
  },
};
