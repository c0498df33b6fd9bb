import { describe, expect, it } from 'vitest';
import { reject, retry } from '../../src/runtime/outcome.js';
import { MessagingError } from '../../src/transport/errors.js';
import { consumerBench, delivery, gates, handlerOf } from './engine-fakes.js';

const busy = new MessagingError('THROTTLED', 'slow down');
const gone = new MessagingError('LOST', 'too late');
const broken = new MessagingError('INVALID', 'no such verdict');

describe('settling', () => {
  it('goes in one call for all that ended in one turn', async () => {
    const { now, turn } = await consumerBench(handlerOf());
    now.push(delivery('a'), delivery('b'), delivery('c'));
    await turn();
    expect(now.verdicts).toHaveLength(1);
    expect(now.settled).toEqual(['ack a', 'ack b', 'ack c']);
  });

  it('lingers for company where calls cost money, but not once a call is full', async () => {
    const { now, clock, turn } = await consumerBench(handlerOf(), { limits: { lingerMs: 5, settleBatch: 3 } });
    now.push(delivery('a'));
    await turn();
    expect(now.settled).toEqual([]);
    await clock.advance(4);
    now.push(delivery('b'));
    await clock.advance(1);
    expect(now.verdicts).toHaveLength(1);
    expect(now.settled).toEqual(['ack a', 'ack b']);
    now.push(delivery('c'));
    await clock.advance(4);
    now.push(delivery('d'), delivery('e'), delivery('f'));
    await turn();
    expect(now.settled).toEqual(['ack a', 'ack b', 'ack c', 'ack d', 'ack e']);
    await clock.advance(4); // the wait of those before says nothing of this one
    expect(now.verdicts).toHaveLength(2);
    await clock.advance(1);
    expect(now.settled.at(-1)).toBe('ack f');
    expect(clock.pending).toBe(0);
  });

  it('loses what lingers with its link', async () => {
    const { now, turn, reopen, stats, clock } = await consumerBench(handlerOf(), { limits: { lingerMs: 5 } });
    now.push(delivery('a'));
    await turn();
    await reopen();
    expect([now.settled, stats.lost, stats.held, clock.pending]).toEqual([[], 1, 0, 0]);
  });

  it('repeats what may work later, says so once, and shows it in health until it works', async () => {
    const { now, clock, end, lines, stats } = await consumerBench(handlerOf());
    let failing = true;
    now.onSettle = () => (failing ? [{ index: 0, error: busy }] : []);
    now.push(delivery('a'));
    await clock.advance(60_000);
    expect([now.settled, stats.held]).toEqual([[], 1]);
    expect(lines.filter((line) => line.includes('settling fails'))).toHaveLength(1);
    expect(end.why).toContain('slow down');
    failing = false;
    await clock.advance(5_000);
    expect(now.settled).toEqual(['ack a']);
    expect([end.why, stats.held, clock.pending]).toEqual([undefined, 0, 0]);
  });

  it('says once that it fails, however many messages wait for it', async () => {
    const { now, clock, lines, turn } = await consumerBench(handlerOf());
    let failing = true;
    now.onSettle = () => (failing ? [{ index: 0, error: busy }] : []);
    const told = (): number => lines.filter((line) => line.includes('settling fails')).length;
    for (const id of ['a', 'b', 'c']) {
      now.push(delivery(id));
      await turn();
    }
    expect(told()).toBe(1);
    failing = false;
    await clock.advance(5_000);
    failing = true;
    now.push(delivery('d'));
    await turn();
    expect(told()).toBe(2);
  });

  it('forgets what is lost, which comes again by itself', async () => {
    const { now, turn, stats, failed } = await consumerBench(handlerOf());
    now.onSettle = () => [{ index: 0, error: gone }];
    now.push(delivery('a'), delivery('b'));
    await turn();
    expect([now.settled, stats.lost, stats.held, failed]).toEqual([['ack b'], 1, 0, []]);
  });

  it.each([
    ['a failure that no repetition helps', () => [{ index: 0, error: broken }]],
    [
      'a call that throws anything',
      () => {
        throw new TypeError('undefined is not a function');
      },
    ],
  ])('asks for a new receiver after %s: the broker would hold the message for the old one', async (_, onSettle) => {
    const { now, turn, stats, failed, lines } = await consumerBench(handlerOf());
    now.onSettle = onSettle;
    now.push(delivery('a'));
    await turn();
    expect(failed).toHaveLength(1);
    expect([stats.lost, stats.held]).toEqual([1, 0]);
    expect(lines.join()).toContain('cannot be settled');
  });

  it('leaves a repetition with its link, and frees the key that it kept', async () => {
    const { receivers, clock, reopen, stats } = await consumerBench(
      handlerOf({ run: () => (receivers.length === 1 ? retry(2_000) : undefined) }),
      { ordered: true, inPlaceMs: 500 },
    );
    const [first] = receivers;
    first!.onSettle = () => [{ index: 0, error: busy }];
    first!.push(delivery('a', { key: 'k' }));
    await clock.advance(1_000);
    await reopen();
    receivers[1]!.push(delivery('a', { key: 'k' }));
    await clock.advance(60_000);
    expect(receivers[1]!.settled).toEqual(['ack a']);
    expect(stats.held).toBe(0);
  });

  it('frees the key of a settlement that was on its way when the link went', async () => {
    const { receivers, clock, reopen, turn } = await consumerBench(
      handlerOf({ run: () => (receivers.length === 1 ? retry(2_000) : undefined) }),
      { ordered: true, inPlaceMs: 500 },
    );
    const [first] = receivers;
    const { wait, open } = gates();
    first!.onSettle = async () => {
      await wait('settle');
      return [];
    };
    first!.push(delivery('a', { key: 'k' }));
    await turn();
    await reopen();
    open('settle');
    await turn();
    receivers[1]!.push(delivery('a', { key: 'k' }));
    await clock.advance(1_000);
    expect(receivers[1]!.settled).toEqual(['ack a']);
  });

  it('keeps nothing of a rejection, one settlement a call', async () => {
    const { now, turn } = await consumerBench(handlerOf({ run: () => reject('no') }), { limits: { settleBatch: 1 } });
    now.push(delivery('a'), delivery('b'));
    await turn();
    expect(now.settled).toEqual(['reject a', 'reject b']);
  });

  it('tells each rejection apart', async () => {
    const { now, turn } = await consumerBench(handlerOf({ run: (id) => reject(id) }));
    now.push(delivery('a'), delivery('b'));
    await turn();
    expect(now.verdicts).toMatchObject([{ reason: 'a' }, { reason: 'b' }]);
  });

  it.each([
    ['throws before it', () => Promise.reject(new Error('tracing is broken'))],
    ['does not go on', () => Promise.resolve()],
    [
      'throws after it',
      async (_count: number, _type: string, next: () => Promise<void>) => {
        await next();
        throw new Error('tracing is broken');
      },
    ],
    [
      'does not wait for it',
      (_count: number, _type: string, next: () => Promise<void>) => {
        void next();
        return Promise.resolve();
      },
    ],
  ])('happens once, whatever a hook around it does: it %s', async (_, settle) => {
    const { now, turn, stats } = await consumerBench(handlerOf(), { settle });
    now.push(delivery('a'));
    await turn();
    expect([now.settled, now.faults, stats.lost, stats.held]).toEqual([['ack a'], [], 0, 0]);
  });
});
