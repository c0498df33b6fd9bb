import { describe, expect, it } from 'vitest';
import { exponential } from '../../src/runtime/retry-policy.js';
import { delivery } from '../runtime/engine-fakes.js';
import { codeOf, make, order } from './app-fixture.js';
import { OrderPlaced, Orders, Parcels } from './contracts.js';

describe('redrive', () => {
  it('moves dead letters back, attempts anew, their history kept, and leaves what dies again', async () => {
    const { app, broker, clock, turn } = await make({ producers: [Orders] });
    let broken = true;
    const attempts: number[] = [];
    app.consumer(Orders, { group: 'shipping', retry: exponential({ attempts: 1 }) }).handle(OrderPlaced, (_, { attempt }) => {
      attempts.push(attempt);
      if (broken) throw new Error('no');
    });
    await app.start();
    for (let count = 0; count < 3; count++) await app.producer(Orders).send(OrderPlaced, order);
    for (let turns = 0; turns < 4; turns++) await turn();
    expect(broker.queue('orders.shipping.dead')).toHaveLength(3);
    await clock.advance(1_000);
    for (const [still, moved, left] of [
      [true, 3, 3],
      [false, 3, 0],
    ] as const) {
      broken = still;
      const done = app.redrive(Orders, 'shipping');
      await clock.advance(10_000);
      expect([await done, broker.queue('orders.shipping.dead').length]).toEqual([moved, left]);
    }
    expect(attempts).toEqual(Array.from({ length: 9 }, () => 1));
    const last = broker.sent.findLast(({ address }) => address === 'orders.shipping')?.message;
    expect(JSON.parse(last?.headers['omnibus-dead'] ?? '{}')).toMatchObject({
      reason: 'attempts',
      history: [{ reason: 'attempts' }],
    });
    expect(Object.keys(last?.headers ?? {})).not.toContain('omnibus-first');
  });

  it('goes no faster than it is told, and stops where a message cannot be moved', async () => {
    const { app, broker, clock } = await make({ producers: [Parcels], with: { provision: 'assume' } });
    await app.start();
    for (let count = 0; count < 4; count++)
      broker.put(
        'parcels.dead',
        delivery(`d${count}`, { headers: { 'omnibus-attempts': '5', 'omnibus-first': '1', tenant: 'a' } }),
      );
    const done = app.redrive(Parcels, undefined, { rate: 2 });
    await clock.advance(500);
    expect(broker.queue('parcels').map(({ headers }) => headers)).toEqual([{ tenant: 'a' }, { tenant: 'a' }]);
    await clock.advance(20_000);
    expect(await done).toBe(4);
    broker.put('parcels.dead', delivery('d5'));
    broker.refusing.add('parcels');
    await expect(app.redrive(Parcels)).rejects.toThrow('redrive stopped after 0 messages: nobody reads parcels');
    expect(broker.queue('parcels.dead')).toHaveLength(1);
  });
});

describe('seek', () => {
  it('is refused where the group reads no log, and where the app does not run', async () => {
    const { app } = await make();
    app.consumer(Orders, { group: 'shipping' }).handle(OrderPlaced, () => {});
    expect(await codeOf(app.seek(Orders, 'shipping', 'first'))).toBe('CLOSED');
    await app.start();
    await expect(app.seek(Orders, 'shipping', 'first')).rejects.toMatchObject({
      code: 'CAPABILITY',
      message: expect.stringMatching(/orders\/shipping: a topic on \S+ \(transport "one"\) keeps no positions/),
    });
    await expect(app.seek(Orders, 'billing', 'first')).rejects.toThrow('there is no consumer "orders/billing"');
  });
});
