import { describe, expectTypeOf, test } from 'vitest';
import type { CheckedConfig, Config } from '../src/config/schema.js';
import { defineConfig } from '../src/config/schema.js';
import { defineTransport, type TransportFactory } from '../src/transport/transport.js';

const transports = { a: { use: 'memory' }, b: { use: 'sns', region: 'eu-west-1' } } as const;
declare const unmade: () => never;

describe('defineConfig', () => {
  test('knows the names of its transports', () => {
    const config = defineConfig({
      name: 'shop',
      transports,
      default: 'b',
      channels: { orders: { transport: 'a', emulate: ['safe', 'ordering'] } },
    });
    expectTypeOf(config).toEqualTypeOf<Config<'a' | 'b'>>();
    expectTypeOf(config).toExtend<Config>();
    expectTypeOf<CheckedConfig>().toExtend<Config>();
  });

  test('takes what a transport factory gives', () => {
    const rabbitmq = defineTransport<{ readonly url: string }>({
      transport: 'rabbitmq',
      options: { url: { type: 'string', description: '' } },
      create: () => unmade(),
    });
    expectTypeOf(rabbitmq).toExtend<TransportFactory>();
    expectTypeOf(
      defineConfig({ name: 'shop', transports: { onprem: rabbitmq({ url: 'amqp://b' }) }, default: 'onprem' }),
    ).toEqualTypeOf<Config<'onprem'>>();
    // @ts-expect-error an option that the transport does not have
    rabbitmq({ url: 'amqp://b', ulr: '' });
  });

  test('takes undefined for every key that may be absent', () => {
    defineConfig({
      name: 'shop',
      transports,
      default: 'a',
      channels: undefined,
      consumers: { orders: { concurrency: undefined, retry: { attempts: undefined } } },
      emulate: undefined,
      replies: undefined,
      sendTimeoutMs: undefined,
    });
  });

  test('refuses names that are no transport, and keys and values that do not exist', () => {
    // @ts-expect-error no such transport
    defineConfig({ name: 'shop', transports, default: 'c' });
    // @ts-expect-error no such transport
    defineConfig({ name: 'shop', transports, default: 'a', channels: { orders: { transport: 'c' } } });
    // @ts-expect-error a transport without use
    defineConfig({ name: 'shop', transports: { a: { region: 'x' } }, default: 'a' });
    // @ts-expect-error no default
    defineConfig({ name: 'shop', transports });
    // @ts-expect-error no such key
    defineConfig({ name: 'shop', transports, default: 'a', channel: {} });
    // @ts-expect-error no such feature
    defineConfig({ name: 'shop', transports, default: 'a', emulate: ['order'] });
    // @ts-expect-error no such mode
    defineConfig({ name: 'shop', transports, default: 'a', provision: 'update' });
    // @ts-expect-error no such place
    defineConfig({ name: 'shop', transports, default: 'a', channels: { orders: { foreign: { from: { headers: 'a' } } } } });
  });
});
