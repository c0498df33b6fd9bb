import { describe, expect, test } from 'vitest';
import { checkConfig } from '../../src/config/check-config.js';
import { configSchema, type JsonSchema } from '../../src/config/json-schema.js';
import { isMessagingError } from '../../src/transport/errors.js';
import type { OptionSpec } from '../../src/transport/options.js';

/** The part of JSON Schema that the generator uses; any other keyword fails the test. */
function accepts(schema: JsonSchema, value: unknown): boolean {
  return Object.entries(schema).every(([keyword, said]) => {
    switch (keyword) {
      case 'type':
        return said === 'array'
          ? Array.isArray(value)
          : said === 'object'
            ? isObject(value)
            : said === 'integer'
              ? Number.isInteger(value)
              : typeof value === said;
      case 'properties':
        return (
          !isObject(value) ||
          Object.entries(said as object).every(([key, of]) => !Object.hasOwn(value, key) || accepts(of as JsonSchema, value[key]))
        );
      case 'additionalProperties': {
        const extra = isObject(value)
          ? Object.keys(value).filter((key) => !Object.hasOwn((schema['properties'] as object | undefined) ?? {}, key))
          : [];
        return said === false
          ? extra.length === 0
          : extra.every((key) => accepts(said as JsonSchema, (value as Record<string, unknown>)[key]));
      }
      case 'required':
        return !isObject(value) || (said as string[]).every((key) => Object.hasOwn(value, key));
      case 'minProperties':
        return !isObject(value) || Object.keys(value).length >= (said as number);
      case 'items':
        return !Array.isArray(value) || value.every((entry) => accepts(said as JsonSchema, entry));
      case 'anyOf':
        return (said as JsonSchema[]).some((one) => accepts(one, value));
      case 'oneOf':
        return (said as JsonSchema[]).filter((one) => accepts(one, value)).length === 1;
      case 'not':
        return !accepts(said as JsonSchema, value);
      case 'enum':
        return (said as unknown[]).includes(value);
      case 'const':
        return said === value;
      case 'pattern':
        return typeof value !== 'string' || new RegExp(said as string, 'u').test(value);
      case 'minLength':
        return typeof value !== 'string' || value.length >= (said as number);
      case 'minimum':
        return typeof value !== 'number' || value >= (said as number);
      case 'maximum':
        return typeof value !== 'number' || value <= (said as number);
      case '$schema':
      case 'title':
      case 'description':
      case 'default':
      case 'examples':
        return true;
      default:
        throw new Error(`the generator uses ${keyword}, which this test does not know`);
    }
  });
}
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const options: Readonly<Record<string, OptionSpec>> = {
  url: { type: 'string', required: true, description: 'Where.', secret: true },
  prefetch: { type: 'number', min: 1, max: 9, default: 7, description: 'How many.' },
  tls: { type: 'boolean', description: 'Whether.' },
  hosts: { type: 'strings', description: 'Which.' },
  client: { type: 'any', description: 'A client.' },
};
const schema = configSchema([
  { transport: 'rabbitmq', options },
  { transport: 'memory', options: {} },
]);
const base = { name: 'shop', transports: { a: { use: 'memory' } }, default: 'a' };

describe('the JSON Schema', () => {
  test.each([
    base,
    { ...base, $schema: 'https://example.com/omnibus.schema.json' },
    {
      ...base,
      channels: {
        orders: {
          transport: 'a',
          address: 'x',
          deadLetter: 'd',
          emulate: 'none',
          foreign: { type: 't', from: { field: 'kind' } },
          groups: { g: { address: 'y', deadLetter: 'e' } },
        },
      },
    },
    {
      ...base,
      consumers: {
        'orders/g': {
          concurrency: 8,
          enabled: false,
          window: 1,
          handlerTimeoutMs: 5,
          retry: { attempts: 1, firstMs: 0, maxMs: 1, factor: 1.5 },
        },
      },
    },
    {
      ...base,
      emulate: ['safe', 'ordering'],
      provision: 'verify',
      replies: { address: 'r' },
      sendTimeoutMs: 1,
      startTimeoutMs: 1,
      stopDeadlineMs: 0,
    },
    { ...base, emulate: 'dedup' },
  ])('accepts what the check accepts (%#)', (config) => {
    expect(accepts(schema, config)).toBe(true);
    const { $schema: _, ...rest } = config as Record<string, unknown>;
    expect(() => checkConfig(rest)).not.toThrow();
  });

  test.each([
    {},
    { ...base, nam: 'x' },
    { ...base, name: '' },
    { ...base, transports: {} },
    { ...base, transports: { a: {} } },
    { ...base, channels: { orders: { adress: 'x' } } },
    { ...base, channels: { orders: { foreign: { from: { header: 'a', field: 'b' } } } } },
    { ...base, consumers: { c: { concurrency: 1.5 } } },
    { ...base, consumers: { c: { concurrency: 0 } } },
    { ...base, consumers: { c: { enabled: 'yes' } } },
    { ...base, emulate: ['saef'] },
    { ...base, provision: 'creat' },
  ])('refuses what the check refuses (%#)', (config) => {
    expect(accepts(schema, config)).toBe(false);
    const thrown = ((): unknown => {
      try {
        return checkConfig(config);
      } catch (error) {
        return error;
      }
    })();
    expect(isMessagingError(thrown, 'CONFIG')).toBe(true);
  });

  test('accepts a variable wherever a value may be made of one', () => {
    const transports = { a: { use: 'rabbitmq', url: '${URL}', prefetch: '${N:-5}', tls: '${TLS}', hosts: ['${HOST}'] } };
    const consumers = { c: { concurrency: '${C}', enabled: '${ON}' } };
    expect(accepts(schema, { ...base, transports, consumers, provision: '${P}', emulate: ['${E}'] })).toBe(true);
  });

  test.each([
    [{ use: 'rabbitmq', url: 'x', prefetch: 9, hosts: 'a', client: {} }, true],
    [{ use: 'rabbitmq' }, false],
    [{ use: 'rabbitmq', url: 'x', prefetch: 10 }, false],
    [{ use: 'rabbitmq', url: 'x', ulr: 'x' }, false],
    [{ use: 'memory', url: 'x' }, false],
    [{ use: '@acme/nats', servers: 'x' }, true],
  ])('knows the options of the transports that it was made with, and leaves others alone: %j is %s', (definition, expected) => {
    expect(accepts(schema, { ...base, transports: { a: definition } })).toBe(expected);
  });

  test('carries descriptions and defaults for editors', () => {
    expect(schema['properties']).toMatchObject({
      sendTimeoutMs: {
        description: 'A send that no broker confirmed for this long is a TIMEOUT, in ms; 30000 by default.',
        default: 30_000,
      },
    });
  });
});
