import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, denied, type FakeEnd, fails, linkBench, never, refused } from './link-fakes.js';

const event = fc.record({
  afterMs: fc.oneof(fc.constant(0), fc.nat(300), fc.nat(15_000)),
  type: fc.constantFrom('fails', 'opening', 'closing', 'connect', 'provision', 'healthy', 'add', 'remove'),
  index: fc.nat(3),
  step: fc.constantFrom('works', 'refused', 'denied', 'hangs'),
});

const act = (how: string): (() => Promise<void>) => {
  if (how === 'hangs') return never;
  if (how === 'works') return async () => {};
  return fails(how === 'denied' ? denied : refused);
};

describe('a link, whatever happens to it', () => {
  it('has every end open soon after the faults are over, opened none twice without closing it, and leaves no timer', () =>
    fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 25 }), async (events) => {
        const { link, end, start, clock, steps, calls } = linkBench();
        const ends: FakeEnd[] = [end('0'), end('1'), end('2'), end('3')];
        let names = ends.length;
        await start();
        for (const { afterMs, type, index, step } of events) {
          await clock.advance(afterMs);
          const one = ends[index]!;
          if (type === 'fails') link.failed(one, cut);
          else if (type === 'opening') one.onOpen = act(step);
          else if (type === 'closing') one.onLost = act(step);
          else if (type === 'add') ends.push(end(String(names++)));
          else if (type === 'remove') void link.remove(ends.pop()!);
          else if (type === 'healthy') steps.healthy = () => act(step)().then(() => true);
          else steps[type] = act(step);
          if (ends.length < 4) ends.push(end(String(names++)));
        }
        for (const each of ends) each.onOpen = each.onLost = async () => {};
        steps.connect = steps.provision = async () => {};
        steps.healthy = async () => true;
        await clock.advance(150_000); // the longest: an opening that hangs, then the longest pause
        expect(link.health).toMatchObject({ ok: true, why: undefined });
        expect(ends.filter(({ isOpen }) => !isOpen)).toEqual([]);
        for (const { name } of ends) {
          const own = calls.filter((call) => call === `open ${name}` || call === `lost ${name}`);
          expect(own.filter((call, index) => call.startsWith('open') !== (index % 2 === 0))).toEqual([]);
        }
        expect(clock.pending).toBe(0);
        link.failed(ends[0]!, cut);
        await link.close();
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 100 },
    ));

  it('never tries more often than its pauses allow', () =>
    fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 15 }), fc.nat(3), async (events, bad) => {
        const { link, end, start, clock, steps, calls } = linkBench();
        const ends = [end('0'), end('1'), end('2'), end('3')];
        await start();
        for (const each of ends) each.onOpen = async () => void clock.timer(1, () => link.failed(each, cut));
        for (const { type, step } of events) {
          if (type === 'connect' || type === 'provision') steps[type] = act(step);
          else if (type === 'healthy') steps.healthy = () => act(step)().then(() => true);
        }
        link.failed(ends[bad]!, cut);
        await clock.advance(60_000);
        const count = (name: string): number => calls.filter((call) => call === name).length;
        for (const name of ['connect', 'open 0', 'open 1', 'open 2', 'open 3']) expect(count(name)).toBeLessThan(40);
        await link.close();
        expect(clock.pending).toBeLessThanOrEqual(4); // those of the fake ends
      }),
      { numRuns: 50 },
    ));
});
