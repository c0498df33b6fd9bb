import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { InterceptorFactory } from '@omnibus/core';
import { Memo, Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
const traceOf = (traceparent: string | undefined): string | undefined => traceparent?.split('-')[1];

/** As a tracer does it: the span that is current becomes the parent of what is sent, and what came with a message becomes current. */
function tracing(current: AsyncLocalStorage<string>): InterceptorFactory {
  return ({ direction }) =>
    direction === 'send'
      ? {
          create(message) {
            message.headers['traceparent'] = `00-${traceOf(current.getStore()) ?? hex(16)}-${hex(8)}-01`;
          },
        }
      : {
          process: ({ headers }, next) => current.run(headers['traceparent'] ?? 'none', next),
        };
}

/** A publish with a trace of its own leads to a handler that fails first, which leads to another message, and to a dead letter. */
export const aTraceGoesOn: Scenario = {
  check: 77,
  title: 'a trace goes on from publish to handler to what the handler sends, across retries and dead letters',
  async run(world) {
    const current = new AsyncLocalStorage<string>();
    const Notes = world.queue('notes', { messages: [Note] });
    const Memos = world.queue('memos', { messages: [Memo] });
    const Dead = world.deadLetters(Memos);
    const service = await world.service({ producers: [Notes, Memos], interceptors: [tracing(current)] });
    const notes = world.handled(Note);
    const memos = world.handled(Memo);
    const dead = world.handled(Memo);
    const within = world.journal<string | undefined>('the number of looks at the current span');
    service.consumer(Notes, { retry: soon }).handle(Note, async (note, context) => {
      notes.handler(note, context);
      within.add(current.getStore());
      if (context.attempt === 1) throw new Error('the first attempt fails');
      await service.producer(Memos).send(Memo, note);
    });
    service.consumer(Memos, { retry: { ...soon, attempts: 2 } }).handle(Memo, (memo, context) => {
      memos.handler(memo, context);
      throw new Error('it always fails');
    });
    service.consumer(Dead).handle(Memo, dead.handler);
    await world.start(service);

    const span = `00-${hex(16)}-${hex(8)}-01`;
    await current.run(span, () => service.producer(Notes).send(Note, { n: 1 }));
    await service.producer(Notes).send(Note, { n: 2 });
    await notes.reaches(4);
    await memos.reaches(4);
    await dead.reaches(2);

    const parents = (runs: typeof notes, n: number): readonly (string | undefined)[] =>
      runs.all.filter(({ payload }) => payload.n === n).map(({ context }) => context.headers['traceparent']);
    for (const n of [1, 2]) {
      const [sent, ...retried] = parents(notes, n);
      const [child, ...again] = parents(memos, n);
      const [buried] = parents(dead, n);
      ok(sent !== undefined && child !== undefined);
      notEqual(sent, span, 'a message has a span of its own');
      notEqual(child, sent, 'a message has a span of its own');
      deepEqual([retried, again, buried], [[sent], [child], child]);
      equal(traceOf(child), traceOf(sent));
      deepEqual(
        within.all.filter((each) => each === sent),
        [sent, sent],
      );
    }
    equal(traceOf(parents(notes, 1)[0]), traceOf(span));
    notEqual(traceOf(parents(notes, 2)[0]), traceOf(span));
  },
};
