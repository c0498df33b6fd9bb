import { describe, expect, it } from 'vitest';
import { books, type Counts, type Sample, together } from '../src/faults/counts.js';

const sample = (id: string, key = 'k', n = Number(id.slice(1))): Sample => ({ id, key, n });
const NOTHING: Counts = {
  attempted: 0,
  acknowledged: 0,
  ok: 0,
  dead: 0,
  lost: 0,
  unexpected: 0,
  duplicated: 0,
  recovered: 0,
  reordered: 0,
};

/** The counters after messages were sent, of which some were acknowledged, then handled in this order, then found dead. */
function counted(story: {
  readonly sent?: readonly string[];
  readonly acknowledged?: readonly string[];
  readonly handled?: readonly string[];
  readonly dead?: readonly string[];
}): Counts {
  const ledger = books();
  for (const id of story.sent ?? []) ledger.attempt(sample(id));
  for (const id of story.acknowledged ?? story.sent ?? []) ledger.acknowledge(id);
  for (const id of story.handled ?? []) ledger.handle(sample(id));
  for (const id of story.dead ?? []) ledger.bury(id);
  return ledger.counts();
}

describe('the books of a fault', () => {
  it('count a run in which all goes well as ok', () => {
    const counts = counted({ sent: ['m0', 'm1'], handled: ['m0', 'm1'] });
    expect(counts).toEqual({ ...NOTHING, attempted: 2, acknowledged: 2, ok: 2 });
  });

  it('count an acknowledged message that nobody handled as lost', () => {
    const counts = counted({ sent: ['m0', 'm1'], handled: ['m0'] });
    expect(counts).toEqual({ ...NOTHING, attempted: 2, acknowledged: 2, ok: 1, lost: 1 });
  });

  it('count a message that nobody sent as unexpected, handled or dead', () => {
    expect(counted({ handled: ['m7'] })).toMatchObject({ unexpected: 1, recovered: 0, ok: 0 });
    expect(counted({ dead: ['m8'] })).toMatchObject({ unexpected: 1, dead: 0 });
  });

  it('count a swapped pair of one key as reordered', () => {
    expect(counted({ sent: ['m0', 'm1', 'm2'], handled: ['m1', 'm0', 'm2'] })).toMatchObject({ reordered: 1, ok: 3 });
  });

  it('count a swapped pair of two keys as in order', () => {
    const ledger = books();
    for (const each of [sample('m1', 'b'), sample('m0', 'a'), sample('m3', 'b'), sample('m2', 'a')]) ledger.handle(each);
    expect(ledger.counts().reordered).toBe(0);
  });

  it('count a message that is redelivered after later ones of its key as duplicated, not as reordered', () => {
    expect(counted({ sent: ['m0', 'm1'], handled: ['m0', 'm1', 'm0'] })).toMatchObject({ duplicated: 1, reordered: 0 });
  });

  it('count a message whose send was rejected and that was handled as recovered', () => {
    const counts = counted({ sent: ['m0', 'm1'], acknowledged: ['m1'], handled: ['m0', 'm1'] });
    expect(counts).toEqual({ ...NOTHING, attempted: 2, acknowledged: 1, ok: 1, recovered: 1 });
  });

  it('count neither as lost nor as recovered what was rejected and never seen', () => {
    expect(counted({ sent: ['m0'], acknowledged: [] })).toEqual({ ...NOTHING, attempted: 1 });
  });

  it('count an acknowledged message that is handled before its acknowledgement as ok', () => {
    const ledger = books();
    ledger.attempt(sample('m0'));
    ledger.handle(sample('m0'));
    ledger.acknowledge('m0');
    expect([ledger.missing, ledger.counts()]).toEqual([0, { ...NOTHING, attempted: 1, acknowledged: 1, ok: 1 }]);
  });

  it('let a dead letter stand for its own message only', () => {
    // m0 was handled and is dead too, m1 is gone: the dead letter must not hide it
    const counts = counted({ sent: ['m0', 'm1'], handled: ['m0'], dead: ['m0'] });
    expect(counts).toMatchObject({ ok: 1, dead: 0, lost: 1 });
    expect(counted({ sent: ['m0', 'm1'], handled: ['m0'], dead: ['m1'] })).toMatchObject({ ok: 1, dead: 1, lost: 0 });
  });

  it('of two runs are summed counter by counter', () => {
    const one = counted({ sent: ['m0'], handled: ['m0', 'm0'] });
    const other = counted({ sent: ['m0', 'm1'], dead: ['m0'] });
    expect(together(one, other)).toEqual({
      ...NOTHING,
      attempted: 3,
      acknowledged: 3,
      ok: 1,
      dead: 1,
      lost: 1,
      duplicated: 1,
    });
  });
});
