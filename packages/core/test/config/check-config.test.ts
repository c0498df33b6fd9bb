import { expect, test } from 'vitest';
import { checkConfig } from '../../src/config/check-config.js';
import { loadConfig } from '../../src/config/load.js';
import { whereIs } from '../../src/config/source.js';
import { folder } from './folder.js';

test('a configuration that was loaded comes out of a second check equal, and still knows its lines', async () => {
  const from = folder({
    'omnibus.yaml': 'name: shop\ndefault: a\ntransports:\n  a: { use: memory }\nchannels:\n  orders: { emulate: [safe] }\n',
  });
  const loaded = await loadConfig({ from });
  const again = checkConfig(loaded);
  expect(again).toEqual(loaded);
  expect(whereIs(again, ['channels', 'orders'])).toBe(`${from}/omnibus.yaml:6`);
  expect(whereIs(again.transports['a']!)).toBe(`${from}/omnibus.yaml:4`);
});

test('a definition that code made keeps its identity, and what is not a configuration is refused', () => {
  const a = { use: 'memory', client: () => {} };
  expect(checkConfig({ name: 'shop', default: 'a', transports: { a } }).transports['a']).toBe(a);
  expect(() => checkConfig({})).toThrow(`The configuration has 3 problems:
- name is missing. The service's name: CloudEvents source, connection names, reply addresses, metrics.
- transports is missing. The brokers that this service may use, by names of your choice.
- default is missing. The transport of every channel that names none: a key of transports.`);
});
