import { deepEqual, equal } from 'node:assert/strict';
import { type InterceptorFactory, reject } from '@omnibus/core';
import { counted, times } from '../assertions.js';
import { Memo, Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';

const HANDLED = 15;
const FAILING_ONCE = 5;
const REJECTED = 3;
const FILTERED = 4;
const IGNORED = 2;
const FROM = { fails: HANDLED, rejected: HANDLED + FAILING_ONCE, filtered: 100 } as const;

/** One script with every kind of ending. What the handlers wrote down, the counters and the hooks say the same. */
export const countersEqualWhatHappened: Scenario = {
  check: 79,
  title: 'counters equal what happened',
  async run(world) {
    const Mixed = world.queue('mixed', { messages: [Note, Memo] });
    const sent = world.journal<string>('the number of sent messages');
    const ended = world.journal<string>('the number of ends');
    const listen: InterceptorFactory = ({ direction, channel }) =>
      direction === 'send'
        ? { sent: () => channel === Mixed.name && sent.add('sent') }
        : { ended: (_, { as, attempt }) => ended.add(`${as} ${attempt}`) };
    const service = await world.service({ producers: [Mixed], interceptors: [listen] });
    const deliveries = world.deliveries(Mixed);
    const notes = world.handled(Note);
    service
      .consumer(Mixed, { retry: soon, ignore: [Memo] })
      .handle(Note, { where: { n: { lt: FROM.filtered } } }, (note, context) => {
        notes.handler(note, context);
        if (note.n >= FROM.rejected) return reject('it is not wanted');
        if (note.n >= FROM.fails && context.attempt === 1) throw new Error('the first attempt fails');
        return undefined;
      });
    await world.start(service);
    const { consumers: before } = service.stats;
    equal(before[Mixed.name]!.received, 0);

    const producer = service.producer(Mixed);
    const wanted = times(HANDLED + FAILING_ONCE + REJECTED, (n) => n);
    const filtered = times(FILTERED, (index) => FROM.filtered + index);
    await Promise.all([
      ...[...wanted, ...filtered].map((n) => producer.send(Note, { n })),
      ...times(IGNORED, (n) => producer.send(Memo, { n })),
    ]);
    const total = wanted.length + FILTERED + IGNORED;
    await ended.reaches(total + FAILING_ONCE);
    const stats = () => service.stats.consumers[Mixed.name]!;
    await world.until('all is settled', () => stats().held === 0, stats);

    equal(sent.all.length, total);
    equal(notes.all.length, wanted.length + FAILING_ONCE);
    const { received, ...others } = stats();
    equal(received, deliveries.all.length);
    deepEqual(others, {
      handled: HANDLED + FAILING_ONCE,
      retried: FAILING_ONCE,
      dead: REJECTED,
      skipped: FILTERED + IGNORED,
      duplicates: 0,
      expired: 0,
      lost: 0,
      overlapped: 0,
      running: 0,
      held: 0,
    });
    deepEqual(Object.fromEntries(counted(ended.all.toSorted())), {
      'dead 1': REJECTED,
      'handled 1': HANDLED,
      'handled 2': FAILING_ONCE,
      'retried 1': FAILING_ONCE,
      'skipped 1': FILTERED + IGNORED,
    });

    const undertaker = await world.service();
    const dead = world.handled(Note);
    undertaker.consumer(world.deadLetters(Mixed), { ignore: [Memo] }).handle(Note, dead.handler);
    await world.start(undertaker);
    await dead.reaches(REJECTED);
    await world.until('no dead letter is left', () => undertaker.stats.consumers[`${Mixed.name}.dead`]!.held === 0);
    equal(dead.all.length, REJECTED);
  },
};
