import { exponential, reject } from '@omnibus/core';
import { describe, expect, it } from 'vitest';
import type { TestAppOptions } from '../src/index.js';
import { started } from './apps.js';
import { OrderPlaced, OrderShipped, Orders } from './contracts.js';

const shipping = (handle: (orderId: string) => unknown): TestAppOptions => ({
  timeoutMs: 100,
  consumers: (app) =>
    app
      .consumer(Orders, { group: 'shipping', retry: exponential({ attempts: 2, firstMs: 100, jitter: 'none' }) })
      .handle(OrderPlaced, (order) => handle(order.orderId) as undefined)
      .handle(OrderShipped, () => {}),
});

describe('handled', () => {
  it('gives the payload as the handler got it', async () => {
    const t = await started(shipping(() => {}));
    await t.send(Orders, OrderShipped, { orderId: 'a', at: '2026-01-01T00:00:00Z' });
    expect(await t.handled(OrderShipped)).toEqual({ orderId: 'a', at: new Date('2026-01-01') });
  });

  it('waits for one that comes later', async () => {
    const t = await started(shipping(() => {}));
    const handled = t.handled(OrderPlaced);
    await t.send(Orders, OrderPlaced, { orderId: 'a' });
    expect(await handled).toEqual({ orderId: 'a', total: 0 });
  });

  it('passes over those whose fields differ', async () => {
    const t = await started(shipping(() => {}));
    await t.send(Orders, OrderPlaced, { orderId: 'a', total: 1 });
    await t.send(Orders, OrderPlaced, { orderId: 'b', total: 2 });
    await t.send(Orders, OrderShipped, { orderId: 'b', at: new Date(5) });
    expect(await t.handled(OrderPlaced, { total: 2 })).toEqual({ orderId: 'b', total: 2 });
    expect(await t.handled(OrderShipped, { at: new Date(5) })).toMatchObject({ orderId: 'b' });
  });

  it('counts neither failures nor rejections', async () => {
    let attempts = 0;
    const t = await started(
      shipping((orderId) => {
        if (orderId === 'rejected') return reject('no');
        attempts += 1;
        if (attempts === 1) throw new Error('not yet');
        return undefined;
      }),
    );
    await t.send(Orders, OrderPlaced, { orderId: 'rejected' });
    await t.send(Orders, OrderPlaced, { orderId: 'late' });
    let handled: string | undefined;
    const first = t.handled(OrderPlaced).then(({ orderId }) => {
      handled = orderId;
    });
    await t.settled({ allowErrors: true });
    expect(handled).toBeUndefined();
    await t.clock.advance(100);
    await first;
    expect(handled).toBe('late');
  });

  it('says in time that there was none, and what there was', async () => {
    const t = await started(shipping(() => {}));
    await t.send(Orders, OrderPlaced, { orderId: 'a' });
    await t.settled();
    await expect(t.handled(OrderPlaced, { orderId: 'b' })).rejects.toThrow(
      /no "order.placed" that matches was handled within 100 ms; handled were order.placed/,
    );
  });

  it('ends with the app', async () => {
    const t = await started({ ...shipping(() => {}), timeoutMs: 60_000 });
    const handled = t.handled(OrderPlaced);
    await t.stop();
    await new Promise((resolve) => setTimeout(resolve)); // nobody has to look at it in time
    await expect(handled).rejects.toThrow('before the app stopped');
  });
});
