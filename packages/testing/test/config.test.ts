import { describe, expect, it } from 'vitest';
import type { TestAppOptions } from '../src/index.js';
import { started } from './apps.js';
import { OrderPlaced, Orders, ParcelBooked, Parcels } from './contracts.js';

const consumers: TestAppOptions['consumers'] = (app) => {
  app.consumer(Orders, { group: 'shipping' }).handle(OrderPlaced, () => {});
  app.consumer(Parcels).handle(ParcelBooked, () => {
    throw new Error('no van');
  });
};

describe('the configuration', () => {
  it('may be the application’s own: its brokers are never connected', async () => {
    const t = await started({
      consumers,
      config: {
        name: 'order-service',
        transports: { onprem: { use: 'activemq', url: 'tcp://nowhere:1' }, cloud: { use: 'sns', region: 'nowhere' } },
        default: 'cloud',
        channels: { orders: { transport: 'onprem', address: 'VirtualTopic.Orders' } },
        provision: 'verify',
      },
    });
    await t.send(Orders, OrderPlaced, { orderId: 'a' });
    await t.handled(OrderPlaced);
    await t.send(Parcels, ParcelBooked, { orderId: 'a' });
    await t.settled({ allowErrors: true });
    expect(t.broker.inspect('parcels')).toBeDefined();
    expect(t.broker.inspect('VirtualTopic.Orders')).toBeUndefined(); // it is on the other broker
  });

  it('wins over what code says of a consumer', async () => {
    const t = await started({ consumers, config: { consumers: { parcels: { retry: { attempts: 1 } } } } });
    await t.send(Parcels, ParcelBooked, { orderId: 'a' });
    await t.settled({ allowErrors: true });
    expect(t.dead(Parcels)).toMatchObject([{ reason: 'attempts', attempts: 1 }]);
  });

  it('keeps the options of a memory transport', async () => {
    const without = { use: 'memory', without: ['receive'] };
    await expect(started({ consumers, config: { transports: { local: without } } })).rejects.toMatchObject({
      code: 'CAPABILITY',
    });
  });

  it('is checked as always', async () => {
    const config = { channels: { parcel: {} } };
    await expect(started({ consumers, config })).rejects.toThrow(/parcel.*did you mean.*parcels/is);
  });
});
