import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { whereIs } from '../../src/config/source.js';
import { thrown } from '../codec/thrown.js';
import { folder } from './folder.js';
import { MINIMAL, refusal } from './refusal.js';

describe('finding the file', () => {
  test.each(['omnibus.yaml', 'omnibus.yml'])('reads %s', async (name) => {
    const from = folder({ [name]: MINIMAL });
    expect(await loadConfig({ from })).toMatchObject({ name: 'shop', default: 'local' });
    expect(await loadConfig({ from: pathToFileURL(`${from}/`) })).toMatchObject({ name: 'shop' });
  });

  test('reads omnibus.json, indented with tabs and with a $schema for editors', async () => {
    const text = JSON.stringify(
      { $schema: 'x', name: 'sh\u{1F600}p\u0007', transports: { local: { use: 'memory' } }, default: 'local' },
      null,
      '\t',
    );
    expect((await loadConfig({ from: folder({ 'omnibus.json': text.replace('\u{1F600}', '\\ud83d\\ude00') }) })).name).toBe(
      'sh\u{1F600}p\u0007',
    );
  });

  test.each(['omnibus.config.ts', 'omnibus.config.js', 'omnibus.config.mjs'])('reads the default export of %s', async (name) => {
    const type = name.endsWith('.ts') ? ': object' : '';
    const from = folder({
      [name]: `const config${type} = { name: 'shop', transports: { local: { use: 'memory' } }, default: 'local', sendTimeoutMs: 5 };\nexport default config;\n`,
      'package.json': '{"type":"module"}',
    });
    const config = await loadConfig({ from });
    expect(config).toMatchObject({ name: 'shop', sendTimeoutMs: 5, provision: 'create' });
    expect(whereIs(config, ['name'])).toBe(join(from, name));
  });

  test('reads the file that it is told to, beside others', async () => {
    const from = folder({ 'omnibus.yaml': '', 'omnibus.json': '', 'conf/shop.yaml': MINIMAL });
    expect(await loadConfig({ from, file: 'conf/shop.yaml' })).toMatchObject({ name: 'shop' });
  });

  test('refuses two files, naming both', async () => {
    expect(await refusal({ 'omnibus.yaml': MINIMAL, 'omnibus.config.ts': '' })).toBe(
      'Two configurations in <folder>: omnibus.config.ts and omnibus.yaml. Keep one of them.',
    );
  });

  test('says what was looked for where there is none, and what one looks like', async () => {
    const message = await refusal({});
    expect(
      message,
    ).toBe(`No configuration in <folder>: looked for omnibus.config.ts, omnibus.config.js, omnibus.config.mjs, omnibus.yaml, omnibus.yml, omnibus.json. An omnibus.yaml to begin with:

name: my-service
transports:
  local: { use: memory }
default: local
provision: create
`);
    const example = message.slice(message.indexOf('name:'));
    expect(await loadConfig({ from: folder({ 'omnibus.yaml': example }) })).toMatchObject({ name: 'my-service' });
  });

  test('refuses a file that is not there, and one of another kind', async () => {
    const from = folder({});
    expect((await thrown(() => loadConfig({ from, file: 'a.yaml' }))).message).toBe(
      `${from}/a.yaml cannot be read: ENOENT: no such file or directory, open '${from}/a.yaml'.`,
    );
    expect((await thrown(() => loadConfig({ from, file: 'a.toml' }))).message).toBe(
      `${from}/a.toml is not a configuration: its name must end in .ts, .js, .mjs, .yaml, .yml or .json.`,
    );
  });

  test('refuses an empty file', async () => {
    expect(await refusal({ 'omnibus.yaml': '# nothing\n' })).toMatch(
      /^<folder>\/omnibus\.yaml: the configuration is empty or not an object\. To begin with:\n\nname: my-service\n/,
    );
  });

  test.each([
    [
      'ERR_UNKNOWN_FILE_EXTENSION',
      'this Node does not read TypeScript. Use Node 22.18 or newer, or omnibus.config.js, or omnibus.yaml.',
    ],
    [
      'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
      'Node only strips types, and this file has TypeScript that needs compiling (enum, namespace, parameter property). Leave it out, or use omnibus.config.js.',
    ],
    [
      'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
      'Node does not read TypeScript below node_modules. Use omnibus.config.js there.',
    ],
  ])('says what helps where Node refuses TypeScript with %s', async (code, why) => {
    expect(await refusal({ 'omnibus.config.ts': `throw Object.assign(new Error('x'), { code: '${code}' });` })).toBe(
      `<folder>/omnibus.config.ts cannot be loaded: ${why}`,
    );
  });

  test('refuses code without a default export, and code that throws', async () => {
    expect(await refusal({ 'omnibus.config.mjs': 'export const config = {};' })).toBe(
      '<folder>/omnibus.config.mjs does not export its configuration. Write: export default defineConfig({ … }).',
    );
    expect(
      await refusal({
        'omnibus.config.mjs': 'throw Object.assign(new Error("no such region"), { code: "ERR_UNKNOWN_FILE_EXTENSION" });',
      }),
    ).toBe('<folder>/omnibus.config.mjs cannot be loaded: no such region.');
  });
});

describe('what comes out', () => {
  test('is complete, frozen, and has no inherited names in its maps', async () => {
    const config = await loadConfig({ from: folder({ 'omnibus.yaml': MINIMAL }) });
    expect(config).toEqual({
      name: 'shop',
      transports: { local: { use: 'memory' } },
      default: 'local',
      channels: {},
      consumers: {},
      emulate: 'safe',
      provision: 'create',
      sendTimeoutMs: 30_000,
      startTimeoutMs: 30_000,
      stopDeadlineMs: 25_000,
    });
    for (const part of [config, config.transports, config.transports['local'], config.channels])
      expect(Object.isFrozen(part)).toBe(true);
    expect(config.channels['constructor']).toBeUndefined();
  });

  test('has every key of the configuration', async () => {
    const text = `${MINIMAL}channels:
  orders:
    transport: local
    address: VirtualTopic.Orders
    deadLetter: orders-dead
    emulate: [safe, ordering]
    foreign: { type: order.placed, from: { header: kind } }
    groups:
      shipping: { address: ship, deadLetter: shipping-dead }
      billing:
  __proto__: { address: odd }
consumers:
  orders/shipping: { concurrency: 8, window: 9, enabled: false, handlerTimeoutMs: 1_000, retry: { attempts: 3, firstMs: 10, maxMs: 20, factor: 1.5 } }
emulate: dedup
provision: verify
replies: { address: shop-replies }
`;
    const config = await loadConfig({ from: folder({ 'omnibus.yaml': text }) });
    expect(config.channels['orders']).toEqual({
      transport: 'local',
      address: 'VirtualTopic.Orders',
      deadLetter: 'orders-dead',
      emulate: ['safe', 'ordering'],
      foreign: { type: 'order.placed', from: { header: 'kind' } },
      groups: { shipping: { address: 'ship', deadLetter: 'shipping-dead' }, billing: {} },
    });
    expect(config.channels['__proto__']).toEqual({ address: 'odd' });
    expect(config.consumers['orders/shipping']).toEqual({
      concurrency: 8,
      window: 9,
      enabled: false,
      handlerTimeoutMs: 1_000,
      retry: { attempts: 3, firstMs: 10, maxMs: 20, factor: 1.5 },
    });
    expect(config).toMatchObject({ emulate: ['dedup'], provision: 'verify', replies: { address: 'shop-replies' } });
  });

  test('knows the line of every key, through anchors, for the errors that come later', async () => {
    const text = `${MINIMAL}channels:\n  orders: &same\n    groups:\n      shipping: { deadLetter: d }\n  parcels: *same\n  letters: { <<: *same, address: a }\n`;
    const config = await loadConfig({ from: folder({ 'omnibus.yaml': text }) });
    const line = (...path: string[]): string | undefined => whereIs(config, path)?.split(':').at(-1);
    expect(line('channels', 'orders')).toBe('6');
    expect(line('channels', 'orders', 'groups', 'shipping', 'deadLetter')).toBe('8');
    expect(line('channels', 'parcels', 'groups')).toBe('7');
    expect(line('channels', 'orders', 'emulate')).toBe('6');
    expect(config.channels['letters']).toMatchObject({ address: 'a', groups: { shipping: { deadLetter: 'd' } } });
    expect(whereIs(config.transports['local']!, ['use'])?.split(':').at(-1)).toBe('3');
    expect(whereIs({ ...config })).toBeUndefined();
  });
});
