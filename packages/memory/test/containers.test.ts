import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Heap, type Slotted } from '../src/heap.js';
import { Ring } from '../src/ring.js';

it('a ring gives what was put in, in that order, however it grows, shrinks and goes round', () => {
  const bursts = fc.array(fc.record({ push: fc.nat(200), shift: fc.nat(200) }), { maxLength: 20 });
  fc.assert(
    fc.property(bursts, (steps) => {
      const ring = new Ring<number>();
      const model: number[] = [];
      let next = 0;
      for (const { push, shift } of steps) {
        for (let count = 0; count < push; count++) {
          ring.push(next);
          model.push(next++);
        }
        expect([...ring]).toEqual(model);
        expect([ring.at(0), ring.at(model.length - 1), ring.at(model.length)]).toEqual([model[0], model.at(-1), undefined]);
        for (let count = 0; count < shift; count++) expect(ring.shift()).toBe(model.shift());
        expect(ring.size).toBe(model.length);
      }
    }),
  );
});

it('a heap gives the first one first, whatever was taken out of the middle', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ push: fc.nat(1_000) }) },
    { weight: 2, arbitrary: fc.record({ remove: fc.nat() }) },
    { weight: 1, arbitrary: fc.constant('pop' as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const heap = new Heap<Slotted & { rank: number }>((one, other) => one.rank < other.rank);
      const model: (Slotted & { rank: number })[] = [];
      const drop = (item: Slotted & { rank: number }): void => void model.splice(model.indexOf(item), 1);
      for (const next of steps) {
        if (next === 'pop') {
          const least = Math.min(...model.map(({ rank }) => rank));
          const first = heap.pop();
          expect(first?.rank).toBe(model.length === 0 ? undefined : least);
          if (first !== undefined) drop(first);
        } else if ('push' in next) {
          const item = { rank: next.push, slot: -1 };
          heap.push(item);
          model.push(item);
        } else if (model.length > 0) {
          const item = model[next.remove % model.length]!;
          heap.remove(item);
          drop(item);
        }
        expect(heap.size).toBe(model.length);
        expect(new Set(heap)).toEqual(new Set(model));
      }
      const rest = model.map(({ rank }) => rank).sort((one, other) => one - other);
      expect(rest.map(() => heap.pop()?.rank)).toEqual(rest);
    }),
  );
});
