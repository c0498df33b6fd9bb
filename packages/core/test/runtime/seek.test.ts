import { expect, it } from 'vitest';
import type { From } from '../../src/transport/channel.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Delivery } from '../../src/transport/message.js';
import { type BenchOptions, consumerBench, delivery, type FakeReceiver, gates, handlerOf } from './engine-fakes.js';

const FROM: From = { position: '0:7' };

/** A consumer of a log that was given these; two handlers at a time, ended by name. */
async function reading(ids: readonly string[], options: BenchOptions = {}) {
  const handlers = gates();
  const lease = new AbortController();
  const asked: From[] = [];
  const log = {
    asked,
    lease,
    /** What the next `seek` does before it gives `['0']`. */
    seek: async (): Promise<unknown> => undefined,
    ofThis: (...some: readonly string[]): Delivery[] => some.map((id) => delivery(id, { lease: lease.signal })),
  };
  const make = (receiver: FakeReceiver): void => {
    receiver.seek = async (from) => {
      asked.push(from);
      await log.seek();
      lease.abort(new MessagingError('LOST', 'the position was moved'));
      return ['0'];
    };
  };
  const bench = await consumerBench(handlerOf({ run: handlers.wait }), { concurrency: 2, window: 4, make, ...options });
  bench.now.push(...log.ofThis(...ids));
  await bench.turn();
  return { ...bench, bench, handlers, log };
}

/** How a seek ended. */
function ending(seek: Promise<readonly string[]>): { readonly value: unknown } {
  const found = { value: undefined as unknown };
  seek.then(
    (partitions) => (found.value = partitions),
    (error: unknown) => (found.value = error),
  );
  return found;
}

it('lets what runs end, gives up what has not begun, moves, and goes on', async () => {
  const { end, bench, handlers, log, stats, turn, lines } = await reading(['a', 'b', 'c', 'd']);
  const seek = ending(end.seek(FROM, 1_000));
  await turn();
  expect(log.asked).toEqual([]);
  handlers.open('a');
  handlers.open('b');
  await turn();
  expect([bench.now.settled, log.asked, seek.value]).toEqual([['ack a', 'ack b'], [FROM], ['0']]);
  expect(handlers.names).toEqual(['a', 'b']);
  expect(stats).toMatchObject({ handled: 2, lost: 2, overlapped: 0, held: 0 });
  bench.now.push(delivery('e'));
  await turn();
  expect(handlers.names).toEqual(['a', 'b', 'e']);
  expect(lines.join()).toContain('positions were moved');
});

it('tells what has not ended by the deadline, and settles it no more', async () => {
  const signals: AbortSignal[] = [];
  const { end, bench, log, stats, clock } = await reading(['a'], {
    route: () =>
      handlerOf({
        run: (_, context) => {
          signals.push(context.signal);
          return new Promise((resolve) => context.signal.addEventListener('abort', () => resolve(undefined)));
        },
      }),
  });
  const seek = ending(end.seek(FROM, 1_000));
  await clock.advance(999);
  expect([log.asked, signals[0]!.aborted]).toEqual([[], false]);
  await clock.advance(1);
  expect([seek.value, signals[0]!.aborted]).toEqual([['0'], true]);
  expect([bench.now.settled, bench.now.faults]).toEqual([[], []]);
  expect(stats).toMatchObject({ handled: 0, lost: 1, overlapped: 1, held: 0 });
});

it('goes on with what it holds where there is no such position', async () => {
  const { end, bench, handlers, log, turn } = await reading(['a', 'b', 'c']);
  log.seek = () => Promise.reject(new MessagingError('INVALID', 'no such position'));
  const seek = ending(end.seek(FROM, 0));
  await turn();
  expect(seek.value).toMatchObject({ code: 'INVALID' });
  expect(bench.failed).toEqual([]);
  for (const id of ['a', 'b']) handlers.open(id);
  await turn();
  handlers.open('c');
  await turn();
  expect(bench.now.settled).toEqual(['ack a', 'ack b', 'ack c']);
});

it.each([
  ['goes on with its receiver where partitions went away meanwhile', 'LOST', 0],
  ['opens another receiver where nobody knows what is stored', 'TIMEOUT', 1],
] as const)('%s', async (_, code, failed) => {
  const { end, bench, log, turn } = await reading([]);
  log.seek = () => Promise.reject(new MessagingError(code, 'because'));
  const seek = ending(end.seek(FROM, 0));
  await turn();
  expect(seek.value).toMatchObject({ code });
  expect(bench.failed).toHaveLength(failed);
});

it('opens another receiver where the broker does not answer', async () => {
  const { end, bench, log, clock } = await reading([]);
  log.seek = () => new Promise(() => {});
  const seek = ending(end.seek(FROM, 0));
  await clock.advance(30_000);
  expect(seek.value).toMatchObject({ code: 'CONNECTION', message: expect.stringContaining('seek of orders/shipping') });
  expect(bench.failed).toHaveLength(1);
});

it('stays paused, and waits for the end of a seek where it is resumed meanwhile', async () => {
  const { end, bench, handlers, log, turn } = await reading([]);
  await end.pause();
  await end.seek(FROM, 0);
  bench.now.push(delivery('a'));
  await turn();
  expect(handlers.names).toEqual([]);
  let answer = (): void => {};
  log.seek = () => new Promise<void>((resolve) => (answer = resolve));
  const seek = ending(end.seek(FROM, 0));
  await turn();
  end.resume();
  await turn();
  expect([seek.value, handlers.names]).toEqual([undefined, []]);
  answer();
  await turn();
  expect([seek.value, handlers.names]).toEqual([['0'], ['a']]);
});

it('moves once after another', async () => {
  const { end, log, turn } = await reading([]);
  let answer = (): void => {};
  log.seek = () => new Promise<void>((resolve) => (answer = resolve));
  const [first, second] = [ending(end.seek('first', 0)), ending(end.seek('next', 0))];
  await turn();
  expect(log.asked).toEqual(['first']);
  answer();
  await turn();
  expect([first.value, log.asked]).toEqual([['0'], ['first', 'next']]);
  answer();
  await turn();
  expect(second.value).toEqual(['0']);
});

it('gives up where the link is lost, and goes on on the next one', async () => {
  const { end, bench, handlers, log, reopen, turn } = await reading(['a']);
  const seek = ending(end.seek(FROM, 60_000));
  await turn();
  await reopen();
  await turn();
  expect(seek.value).toMatchObject({ code: 'LOST', message: expect.stringMatching(/cut.*nothing was moved/) });
  expect(log.asked).toEqual([]);
  bench.now.push(delivery('b'));
  await turn();
  expect(handlers.names).toEqual(['a', 'b']);
  const later = ending(end.seek(FROM, 60_000));
  log.seek = () => new Promise(() => {});
  handlers.open('a');
  handlers.open('b');
  await turn();
  await end.close();
  await turn();
  expect(later.value).toMatchObject({ code: 'LOST', message: expect.stringMatching(/stops.*nobody knows/) });
  expect(bench.now.asked.length).toBeGreaterThan(0);
});

it('says that nothing was moved where no receiver is open', async () => {
  const { end, log } = await reading([]);
  await end.lost(new MessagingError('CONNECTION', 'cut'));
  await expect(end.seek(FROM, 0)).rejects.toMatchObject({ code: 'LOST', message: expect.stringContaining('nothing was moved') });
  expect(log.asked).toEqual([]);
});
