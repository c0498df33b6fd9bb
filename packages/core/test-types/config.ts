import { type Config, defineConfig, type TransportFactory } from '@omnibus/core';

declare const rabbitmq: TransportFactory<{ url: string; heartbeatMs?: number }>;

export const config: Config = defineConfig({
  name: 'shop',
  transports: { onprem: rabbitmq({ url: 'amqp://localhost' }), cloud: { use: 'sns', region: 'eu-west-1' } },
  default: 'cloud',
  channels: { orders: { transport: 'onprem', address: 'Orders', groups: { shipping: { deadLetter: 'lost' } } } },
  consumers: { 'orders/shipping': { concurrency: 8, retry: { attempts: 3 }, enabled: true } },
  emulate: ['safe', 'ordering'],
  provision: 'verify',
});

const memory = { here: { use: 'memory' } } as const;
// @ts-expect-error no such transport
defineConfig({ name: 'shop', transports: memory, default: 'there' });
// @ts-expect-error no such transport
defineConfig({ name: 'shop', transports: memory, default: 'here', channels: { orders: { transport: 'there' } } });
// @ts-expect-error a service has a name
defineConfig({ transports: memory, default: 'here' });
// @ts-expect-error which one is the default?
defineConfig({ name: 'shop', transports: memory });
// @ts-expect-error no such key
defineConfig({ name: 'shop', transports: memory, default: 'here', chanels: {} });
// @ts-expect-error no such key of a channel
defineConfig({ name: 'shop', transports: memory, default: 'here', channels: { orders: { adress: 'Orders' } } });
// @ts-expect-error no such key of a consumer
defineConfig({ name: 'shop', transports: memory, default: 'here', consumers: { orders: { attempts: 3 } } });
// @ts-expect-error no such feature
defineConfig({ name: 'shop', transports: memory, default: 'here', emulate: ['safe', 'order'] });
// @ts-expect-error no such way
defineConfig({ name: 'shop', transports: memory, default: 'here', provision: 'check' });
// @ts-expect-error a transport says which it is
defineConfig({ name: 'shop', transports: { here: { region: 'eu-west-1' } }, default: 'here' });
// @ts-expect-error the transport's own option
rabbitmq({ url: 1 });
// @ts-expect-error its own option is missing
rabbitmq({});
// @ts-expect-error no such option of this transport
rabbitmq({ url: 'amqp://localhost', heartbeat: 5 });
