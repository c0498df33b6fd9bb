import { describe, expect, it } from 'vitest';
import { reject, retry } from '../../src/runtime/outcome.js';
import { exponential, NonRetryable } from '../../src/runtime/retry-policy.js';
import { consumerBench, delivery, gates, handlerOf } from './engine-fakes.js';

const many = (count: number) => Array.from({ length: count }, (_, index) => delivery(`m${index}`));

describe('slots and credit', () => {
  it('run as many handlers as allowed, hold as many messages as the window has', async () => {
    const { wait, names } = gates();
    const { now, turn, stats, end } = await consumerBench(handlerOf({ run: wait }), { concurrency: 3, window: 8 });
    now.push(...many(20));
    await turn();
    expect([names.length, end.running, stats.held, now.held.size]).toEqual([3, 3, 8, 8]);
  });

  it('take a new number of handlers at once', async () => {
    const { wait, names } = gates();
    const { now, turn, end } = await consumerBench(handlerOf({ run: wait }), { concurrency: 1 });
    now.push(...many(5));
    await turn();
    end.concurrency = 4;
    expect(names).toHaveLength(4);
  });

  it('ask for little rather than let handlers starve beside messages that wait for their retry', async () => {
    const { now, turn, stats } = await consumerBench(
      handlerOf({ run: (id) => (id.startsWith('bad') ? retry(30_000) : undefined) }),
      { inPlaceMs: 60_000, window: 16, concurrency: 4 },
    );
    now.push(...Array.from({ length: 14 }, (_, index) => delivery(`bad${index}`)));
    await turn();
    now.push(...many(6));
    for (let turns = 0; turns < 3; turns++) await turn();
    expect(now.settled).toEqual(many(6).map(({ id }) => `ack ${id}`));
    expect(stats.held).toBe(14);
  });

  it('ask again when the last handler that ran has gone to wait, though nothing was settled since', async () => {
    const { wait, open } = gates();
    const { now, turn } = await consumerBench(handlerOf({ run: (id) => (id.startsWith('bad') ? wait(id) : undefined) }), {
      inPlaceMs: 60_000,
      window: 16,
      concurrency: 14,
      limits: { receiveBatch: 14 },
    });
    now.push(...Array.from({ length: 14 }, (_, index) => delivery(`bad${index}`)));
    await turn();
    now.push(...many(2));
    await turn();
    expect(now.settled).toEqual([]);
    open('bad0', retry(30_000));
    for (let turns = 0; turns < 3; turns++) await turn();
    expect(now.settled).toEqual(['ack m0', 'ack m1']);
  });

  it('start nothing while paused, and go on afterwards', async () => {
    const { wait, open, names } = gates();
    const { now, turn, end } = await consumerBench(handlerOf({ run: wait }), { concurrency: 1 });
    now.push(...many(3));
    await turn();
    await end.pause();
    open('m0');
    await turn();
    expect([names, now.settled]).toEqual([['m0'], ['ack m0']]);
    end.resume();
    await turn();
    expect(names).toEqual(['m0', 'm1']);
  });
});

describe('an attempt', () => {
  it('that takes too long has failed: its signal aborts, its slot is free once, its late result counts nothing', async () => {
    const { wait, open } = gates();
    const signals: AbortSignal[] = [];
    const { now, clock, end, turn, stats } = await consumerBench(
      handlerOf({
        timeoutMs: 500,
        run: (id, { signal }) => {
          signals.push(signal);
          return wait(id);
        },
      }),
      { policy: exponential({ attempts: 1 }) },
    );
    now.push(delivery('a'));
    await clock.advance(500);
    expect([now.settled, signals[0]?.aborted, end.running]).toEqual([['reject a'], true, 0]);
    open('a');
    await turn();
    expect([now.settled, stats.handled, end.running, now.faults]).toEqual([['reject a'], 0, 0, []]);
  });

  it('whose schema is done only after its time was over never reaches its handler', async () => {
    const { wait, open } = gates();
    const called: string[] = [];
    const { now, clock, turn } = await consumerBench(
      handlerOf({ timeoutMs: 500, decode: () => wait('schema'), run: (id) => void called.push(id) }),
      { policy: exponential({ attempts: 1 }) },
    );
    now.push(delivery('a'));
    await clock.advance(500);
    open('schema', 'a');
    await turn();
    expect([called, now.settled]).toEqual([[], ['reject a']]);
  });

  it('whose lease went during its schema never reaches its handler, and frees its slot', async () => {
    const { wait, open } = gates();
    const called: string[] = [];
    const lease = new AbortController();
    const { now, turn, end, stats } = await consumerBench(
      handlerOf({ decode: () => wait('schema'), run: (id) => void called.push(id) }),
    );
    now.push(delivery('a', { lease: lease.signal }));
    await turn();
    lease.abort();
    open('schema', 'a');
    await turn();
    expect([called, end.running, stats.held, stats.lost]).toEqual([[], 0, 0, 1]);
  });

  it('survives whatever is thrown', async () => {
    const { now, turn, end } = await consumerBench(
      handlerOf({
        run: () => {
          throw Object.create(null);
        },
      }),
      { policy: exponential({ attempts: 1 }) },
    );
    now.push(delivery('a'));
    await turn();
    expect([now.settled, end.running]).toEqual([['reject a'], 0]);
  });

  it('ends once, though its thenable ends again while its place is used for another', async () => {
    const { wait } = gates();
    let done: (value: unknown) => void = () => {};
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: what query builders are
      then(resolve: (value: unknown) => void) {
        done = resolve;
        resolve(undefined);
      },
    };
    const { now, turn, end } = await consumerBench(handlerOf({ run: (id) => (id === 'a' ? thenable : wait(id)) }));
    now.push(delivery('a'));
    await turn();
    now.push(delivery('b'));
    await turn();
    done(undefined);
    await turn();
    expect([now.settled, end.running]).toEqual([['ack a'], 1]);
  });

  it('is the last where the rule that matched says so, and is reported as that', async () => {
    const rules = [{ error: TypeError, use: { attempts: 2 } }];
    const { now, clock } = await consumerBench(
      handlerOf({
        run: (id) => {
          throw id === 'hopeless' ? new NonRetryable('x') : new TypeError('x');
        },
      }),
      { inPlaceMs: 60_000, policy: exponential({ attempts: 5, jitter: 'none', rules }) },
    );
    now.push(delivery('a'), delivery('hopeless'));
    await clock.advance(60_000);
    expect(now.verdicts).toMatchObject([
      { reason: 'non-retryable', attempts: 1 },
      { reason: 'attempts', attempts: 2, first: clock.now() - 60_000 },
    ]);
  });

  it.each(['0', '-1', '1.5', 'many', '1e9', ''])('that a header numbers "%s" is none: the message is dead', async (text) => {
    const { now, turn } = await consumerBench(handlerOf());
    now.push(delivery('a', { headers: { 'omnibus-attempts': text } }));
    await turn();
    expect(now.verdicts).toMatchObject([{ type: 'reject', reason: 'invalid' }]);
  });

  it('counts on from what its copy says', async () => {
    const { now, turn } = await consumerBench(handlerOf({ run: () => retry() }));
    now.push(delivery('a', { headers: { 'omnibus-attempts': '3' } }));
    await turn();
    expect(now.verdicts).toMatchObject([{ type: 'reject', reason: 'attempts', attempts: 3 }]);
  });

  it('is refused to what kills its process again and again, and to nothing else', async () => {
    const { now, turn } = await consumerBench(handlerOf(), { crashLimit: 50 });
    now.push(delivery('a', { deliveries: 50 }), delivery('b', { deliveries: 51 }));
    await turn();
    expect(now.settled.toSorted()).toEqual(['ack a', 'reject b']);
    expect(now.verdicts).toContainEqual(expect.objectContaining({ reason: 'crash-loop' }));
  });

  it('gives a message of others an id of its own, which its dead letter keeps', async () => {
    const ids: string[] = [];
    const { now, turn } = await consumerBench(
      handlerOf({
        run: (_, { id }) => {
          ids.push(id);
          return reject('no');
        },
      }),
    );
    now.push(delivery('', { body: Buffer.from('x') }));
    await turn();
    expect([ids, now.settled]).toEqual([['made-1'], ['reject made-1']]);
  });

  it('of a message of a lease that is gone already does not happen', async () => {
    const called: string[] = [];
    const { now, turn, stats } = await consumerBench(handlerOf({ run: (id) => void called.push(id) }));
    now.push(delivery('a', { lease: AbortSignal.abort() }), delivery('b'));
    await turn();
    expect([called, stats.lost, stats.held]).toEqual([['b'], 1, 0]);
  });
});
