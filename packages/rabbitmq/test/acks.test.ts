import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unsettled } from '../src/acks.js';

/** The unacknowledged deliveries of a channel as RabbitMQ keeps them: an ack of what is not there closes the channel. */
function broker(delivered: number) {
  const open = new Set(Array.from({ length: delivered }, (_, index) => index + 1));
  let frames = 0;
  return {
    open,
    get frames() {
      return frames;
    },
    ack(tag: number, multiple: boolean): void {
      frames += 1;
      if (!open.has(tag)) throw new Error(`unknown delivery tag ${tag}`);
      for (const one of [...open]) if (one === tag || (multiple && one < tag)) open.delete(one);
    },
  };
}

describe('acks', () => {
  it('cover the finished prefix with one', () => {
    const record = unsettled();
    for (let tag = 1; tag <= 5; tag++) record.add(tag);
    for (const tag of [3, 1, 2]) record.remove(tag);
    expect(record.split([3, 1, 2])).toEqual({ upTo: 3, singles: [] });
  });

  it('go one by one beyond what is unsettled', () => {
    const record = unsettled();
    for (let tag = 1; tag <= 5; tag++) record.add(tag);
    for (const tag of [1, 3, 5]) record.remove(tag);
    expect(record.split([1, 3, 5])).toEqual({ upTo: 1, singles: [3, 5] });
    for (const tag of [2]) record.remove(tag);
    expect(record.split([2])).toEqual({ upTo: 2, singles: [] });
  });

  it('settle exactly what was removed, whatever the order, never more and never twice, in the fewest frames', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.infiniteStream(fc.nat()), (window, numbers) => {
        const take = (below: number): number => numbers.next().value! % below;
        const total = 60;
        const peer = broker(total);
        const record = unsettled();
        const held: number[] = [];
        let next = 1;
        while (held.length > 0 || next <= total) {
          while (held.length < window && next <= total && take(4) > 0) {
            record.add(next);
            held.push(next++);
          }
          const batch = Array.from({ length: Math.min(held.length, take(8)) }, () => held.splice(take(held.length), 1)[0]!);
          for (const tag of batch) record.remove(tag);
          const { upTo, singles } = record.split(batch);
          const before = peer.frames;
          if (upTo > 0) peer.ack(upTo, true);
          for (const tag of singles) peer.ack(tag, false);
          expect(peer.frames - before).toBe(batch.filter((tag) => held.some((one) => one < tag)).length + (upTo > 0 ? 1 : 0));
          expect([...peer.open].filter((tag) => tag < next)).toEqual([...held].sort((a, b) => a - b));
          for (const tag of held) expect(record.has(tag)).toBe(true);
        }
        expect(peer.open.size).toBe(0);
      }),
    );
  });
});
