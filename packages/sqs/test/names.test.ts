import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf, backstopOf, queueName } from '../src/names.js';

const NAME = /^[A-Za-z0-9_-]{1,80}$/;

/** Addresses of the characters in which the mapping could go wrong, short enough to fit. */
const addresses = fc.string({
  unit: fc.constantFrom('-', '_', '.', 'a', '2', 'd', 'é', ' ', '/', '漢'),
  minLength: 1,
  maxLength: 8,
});

describe('names of queues', () => {
  it('are those of their address where that is a name already', () => {
    for (const name of ['orders', 'my_queue', 'Orders-2', 'a-b_c']) expect(queueName(name, false)).toBe(name);
  });

  it('show the dots of an address as two hyphens', () => {
    expect(queueName('orders.shipping.dead', false)).toBe('orders--shipping--dead');
    expect(queueName('orders.shipping', true)).toBe('orders--shipping.fifo');
  });

  it('say their address, whatever it is', () => {
    fc.assert(
      fc.property(addresses, fc.boolean(), (address, isFifo) => {
        const name = queueName(address, isFifo);
        expect(isFifo ? name.slice(0, -'.fifo'.length) : name).toMatch(NAME);
        expect(addressOf(name)).toBe(address);
      }),
    );
  });

  it('are different for different addresses', () => {
    fc.assert(
      fc.property(addresses, addresses, (one, other) => {
        fc.pre(one !== other);
        expect(queueName(one, false)).not.toBe(queueName(other, false));
      }),
    );
  });

  it('are refused over 80 characters, .fifo included, by an error that names the address and the fix', () => {
    expect(queueName('x'.repeat(75), true)).toHaveLength(80);
    expect(() => queueName('x'.repeat(76), true)).toThrow(/address 'x{76}' is too long: .* 81 characters .* shorter name/);
    expect(() => queueName('x'.repeat(81), false)).toThrow(expect.objectContaining({ code: 'TOPOLOGY' }));
  });

  it('have a backstop beside them, dead letters none, parking queues that of their target', () => {
    expect(backstopOf('orders')).toBe('orders.dead');
    expect(backstopOf('orders.wait.900s')).toBe('orders.dead');
    expect(backstopOf('orders.dead')).toBeUndefined();
    expect(backstopOf('shop.replies.9f2c')).toBeUndefined();
  });
});
