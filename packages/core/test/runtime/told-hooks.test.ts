import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type Ending, foldHooks, type Interceptor, type Passing } from '../../src/runtime/hooks.js';
import { message } from './fakes.js';

const ORDERS = { direction: 'receive', channel: 'orders', group: 'shipping', system: 'memory', address: 'orders' } as const;
const passing = message('1');
const ending: Ending = { as: 'handled', attempt: 1 };

const folded = (...interceptors: readonly Interceptor[]) =>
  foldHooks(
    interceptors.map((each) => () => each),
    ORDERS,
  );

describe('hooks that are told', () => {
  it('are not there where nobody has one', () => {
    const { sent, ended } = folded({ create: () => {} });
    expect([sent, ended]).toEqual([undefined, undefined]);
  });

  it('are told in the order given, as methods of their interceptor', () => {
    const told: unknown[] = [];
    class Count implements Interceptor {
      count = 0;
      sent({ id }: Passing) {
        this.count += 1;
        told.push(['first', this.count, id]);
      }
    }
    const { sent, ended } = folded(new Count(), {
      sent: ({ id }) => void told.push(['second', id]),
      ended: ({ id }, { as }) => void told.push([id, as]),
    });
    sent?.(passing);
    ended?.(passing, ending);
    expect(told).toEqual([
      ['first', 1, '1'],
      ['second', '1'],
      ['1', 'handled'],
    ]);
  });

  it('warn the process of what one throws, and tell the others all the same', async () => {
    const told: string[] = [];
    const { ended } = folded(
      {
        ended: () => {
          throw new Error('no disk');
        },
      },
      { ended: ({ id }) => void told.push(id) },
    );
    const warned = once(process, 'warning');
    ended?.(passing, ending);
    expect(told).toEqual(['1']);
    expect(String((await warned)[0])).toContain('no disk');
  });
});
