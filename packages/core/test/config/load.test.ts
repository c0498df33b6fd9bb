import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { whereIs } from '../../src/config/source.js';
import { thrown } from '../codec/thrown.js';
import { folder } from './folder.js';

const MINIMAL = `name: shop
transports:
  local: { use: memory }
default: local
`;

/** The text of the CONFIG error, with the temporary folder as `<folder>`. */
async function refusal(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const from = folder(files);
  const { code, message } = await thrown(() => loadConfig({ from, env }));
  expect(code).toBe('CONFIG');
  return message.replaceAll(from, '<folder>');
}

describe('finding the file', () => {
  test.each(['omnibus.yaml', 'omnibus.yml'])('reads %s', async (name) => {
    const from = folder({ [name]: MINIMAL });
    expect(await loadConfig({ from })).toMatchObject({ name: 'shop', default: 'local' });
    expect(await loadConfig({ from: pathToFileURL(`${from}/`) })).toMatchObject({ name: 'shop' });
  });

  test('reads omnibus.json, indented with tabs and with a $schema for editors', async () => {
    const text = JSON.stringify({ $schema: 'x', name: 'sh\u{1F600}p\u0007', transports: { local: { use: 'memory' } }, default: 'local' }, null, '\t');
    expect((await loadConfig({ from: folder({ 'omnibus.json': text.replace('\u{1F600}', '\\ud83d\\ude00') }) })).name).toBe('sh\u{1F600}p\u0007');
  });

  test.each(['omnibus.config.ts', 'omnibus.config.js', 'omnibus.config.mjs'])('reads the default export of %s', async (name) => {
    const type = name.endsWith('.ts') ? ': object' : '';
    const from = folder({ [name]: `const config${type} = { name: 'shop', transports: { local: { use: 'memory' } }, default: 'local', sendTimeoutMs: 5 };\nexport default config;\n`, 'package.json': '{"type":"module"}' });
    const config = await loadConfig({ from });
    expect(config).toMatchObject({ name: 'shop', sendTimeoutMs: 5, provision: 'create' });
    expect(whereIs(config, ['name'])).toBe(join(from, name));
  });

  test('reads the file that it is told to, beside others', async () => {
    const from = folder({ 'omnibus.yaml': '', 'omnibus.json': '', 'conf/shop.yaml': MINIMAL });
    expect(await loadConfig({ from, file: 'conf/shop.yaml' })).toMatchObject({ name: 'shop' });
  });

  test('refuses two files, naming both', async () => {
    expect(await refusal({ 'omnibus.yaml': MINIMAL, 'omnibus.config.ts': '' })).toBe('Two configurations in <folder>: omnibus.config.ts and omnibus.yaml. Keep one of them.');
  });

  test('says what was looked for where there is none, and what one looks like', async () => {
    const message = await refusal({});
    expect(message).toBe(`No configuration in <folder>: looked for omnibus.config.ts, omnibus.config.js, omnibus.config.mjs, omnibus.yaml, omnibus.yml, omnibus.json. An omnibus.yaml to begin with:

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
    expect((await thrown(() => loadConfig({ from, file: 'a.yaml' }))).message).toBe(`${from}/a.yaml cannot be read: ENOENT: no such file or directory, open '${from}/a.yaml'.`);
    expect((await thrown(() => loadConfig({ from, file: 'a.toml' }))).message).toBe(`${from}/a.toml is not a configuration: its name must end in .ts, .js, .mjs, .yaml, .yml or .json.`);
  });

  test('refuses an empty file', async () => {
    expect(await refusal({ 'omnibus.yaml': '# nothing\n' })).toMatch(/^<folder>\/omnibus\.yaml: the configuration is empty or not an object\. To begin with:\n\nname: my-service\n/);
  });

  test.each([
    ['ERR_UNKNOWN_FILE_EXTENSION', 'this Node does not read TypeScript. Use Node 22.18 or newer, or omnibus.config.js, or omnibus.yaml.'],
    ['ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX', 'Node only strips types, and this file has TypeScript that needs compiling (enum, namespace, parameter property). Leave it out, or use omnibus.config.js.'],
    ['ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING', 'Node does not read TypeScript below node_modules. Use omnibus.config.js there.'],
  ])('says what helps where Node refuses TypeScript with %s', async (code, why) => {
    expect(await refusal({ 'omnibus.config.ts': `throw Object.assign(new Error('x'), { code: '${code}' });` })).toBe(`<folder>/omnibus.config.ts cannot be loaded: ${why}`);
  });

  test('refuses code without a default export, and code that throws', async () => {
    expect(await refusal({ 'omnibus.config.mjs': 'export const config = {};' })).toBe('<folder>/omnibus.config.mjs does not export its configuration. Write: export default defineConfig({ … }).');
    expect(await refusal({ 'omnibus.config.mjs': 'throw Object.assign(new Error("no such region"), { code: "ERR_UNKNOWN_FILE_EXTENSION" });' })).toBe('<folder>/omnibus.config.mjs cannot be loaded: no such region.');
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
    for (const part of [config, config.transports, config.transports['local'], config.channels]) expect(Object.isFrozen(part)).toBe(true);
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
    expect(config.consumers['orders/shipping']).toEqual({ concurrency: 8, window: 9, enabled: false, handlerTimeoutMs: 1_000, retry: { attempts: 3, firstMs: 10, maxMs: 20, factor: 1.5 } });
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

describe('variables', () => {
  const transports = (local: string): string => `name: shop\ndefault: local\ntransports:\n  local: ${local}\n`;
  const load = async (local: string, env: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}): Promise<unknown> =>
    (await loadConfig({ from: folder({ 'omnibus.yaml': transports(local), ...files }), env })).transports['local'];

  test('are replaced in texts, with defaults where they are unset or empty', async () => {
    expect(await load('{ use: memory, a: "x${A}y${A}", b: "${B:-b:-c}", c: "${EMPTY:-${A}}", d: "${EMPTY}", e: ["${A}"] }', { A: '1', EMPTY: '' })).toEqual({ use: 'memory', a: 'x1y1', b: 'b:-c', c: '1', d: '', e: ['1'] });
  });

  test('are not replaced a second time, nor in keys, nor where $${ says a literal', async () => {
    expect(await load('{ use: memory, "${A}": "${A}", b: "$${A} $$${A} $5 {}" }', { A: '${B}' })).toEqual({ use: 'memory', '${A}': '${B}', b: '${A} $${A} $5 {}' });
  });

  test('are the contents of a file, without the line end, from the folder of the configuration', async () => {
    expect(await load('{ use: memory, a: "${file:secrets/a}", b: "${file:none:-${B}}" }', { B: 'b' }, { 'secrets/a': 's3cret\r\n' })).toEqual({ use: 'memory', a: 's3cret', b: 'b' });
  });

  test('become the type of their key', async () => {
    const text = `${MINIMAL}sendTimeoutMs: \${T}\nconsumers:\n  orders: { enabled: "\${ON}", concurrency: "\${C:-4}" }\n`;
    const config = await loadConfig({ from: folder({ 'omnibus.yaml': text }), env: { T: '1_500', ON: 'false' } });
    expect(config).toMatchObject({ sendTimeoutMs: 1_500, consumers: { orders: { enabled: false, concurrency: 4 } } });
  });

  test('that are missing are named with their place and the fix', async () => {
    expect(await refusal({ 'omnibus.yaml': transports('{ use: memory, url: "${RABBITMQ_URL}" }') })).toBe(
      '<folder>/omnibus.yaml:4:25: transports.local.url needs the environment variable RABBITMQ_URL, which is not set. Export RABBITMQ_URL, or give a default: ${RABBITMQ_URL:-default}.',
    );
  });

  test('of one text that are missing are all named, and no second problem is made of them', async () => {
    expect(await refusal({ 'omnibus.yaml': MINIMAL.replace('shop', '${A}-${B}') })).toBe(
      '<folder>/omnibus.yaml:1:1: name needs the environment variable A, which is not set. Export A, or give a default: ${A:-default}.',
    );
  });

  test('without quotes in flow style are found and explained', async () => {
    expect(await refusal({ 'omnibus.yaml': transports('{ use: memory, url: ${URL:-amqp://me:hunter2@host}, vhost: ${VHOST} }') })).toBe(
      '<folder>/omnibus.yaml:4:30: transports.local.url holds the variable URL without quotes inside { } or [ ], where YAML takes its braces for a map. Put the whole value in quotes: "${URL}".',
    );
    expect(await refusal({ 'omnibus.yaml': transports('{ use: memory, hosts: [${A}] }') })).toBe(
      '<folder>/omnibus.yaml:4:33: transports.local.hosts holds the variable A without quotes inside { } or [ ], where YAML takes its braces for a map. Put the whole value in quotes: "${A}".',
    );
  });

  test.each([
    ['"${A"', 'has a ${ without its }. Close it, or write $${ for the two characters themselves.'],
    ['"${A-b}"', 'has a ${ } that is not the name of a variable. Write ${NAME}, ${NAME:-default} or ${file:/path}; $${ for the two characters themselves.'],
    ['"${file:gone}"', 'needs the file <folder>/gone, which cannot be read (ENOENT). Mount it, or give a default: ${file:gone:-default}.'],
    ['"${file:.:-x}"', 'needs the file <folder>, which cannot be read (EISDIR). Mount it, or give a default: ${file:.:-default}.'],
    ['"${constructor}"', 'needs the environment variable constructor, which is not set. Export constructor, or give a default: ${constructor:-default}.'],
  ])('that are written wrongly are refused: %s', async (text, problem) => {
    expect(await refusal({ 'omnibus.yaml': transports(`{ use: memory, url: ${text} }`) })).toBe(`<folder>/omnibus.yaml:4:25: transports.local.url ${problem}`);
  });
});

describe('problems', () => {
  test('come all at once, in the order of the file, each with line, column and fix', async () => {
    const text = `nam: shop
transports:
  onprem: { use: activemq, url: "\${URL}" }
  cloud: { region: eu-west-1 }
default: clowd
channels:
  orders:
    adress: x
    transport: onprm
  constructor: 7
consumers:
  orders/shipping: { concurrency: eight, enabled: "yes", window: 0, retry: { firstMs: 2s, attempts: 1.5 } }
emulate: [safe, orderng]
provision: creat
`;
    expect(await refusal({ 'omnibus.yaml': text })).toBe(`<folder>/omnibus.yaml has 15 problems:
- <folder>/omnibus.yaml:1:1: nam is not a known key. Did you mean "name"?
- <folder>/omnibus.yaml:1:1: name is missing. The service's name: CloudEvents source, connection names, reply addresses, metrics.
- <folder>/omnibus.yaml:3:28: transports.onprem.url needs the environment variable URL, which is not set. Export URL, or give a default: \${URL:-default}.
- <folder>/omnibus.yaml:4:3: transports.cloud does not say what it is. Add its kind, for example use: rabbitmq.
- <folder>/omnibus.yaml:5:1: default must name one of the transports, but is "clowd". Did you mean "cloud"?
- <folder>/omnibus.yaml:8:5: channels.orders.adress is not a known key. Did you mean "address"?
- <folder>/omnibus.yaml:9:5: channels.orders.transport must name one of the transports, but is "onprm". Did you mean "onprem"?
- <folder>/omnibus.yaml:10:3: channels.constructor must be an object with the keys transport, address, deadLetter, groups, emulate, foreign, but is 7. One channel, by its name.
- <folder>/omnibus.yaml:12:22: consumers.orders/shipping.concurrency must be a whole number of at least 1, but is "eight". Messages handled at one time; 16 by default.
- <folder>/omnibus.yaml:12:42: consumers.orders/shipping.enabled must be true or false, but is "yes". False: this process does not consume it; true by default.
- <folder>/omnibus.yaml:12:58: consumers.orders/shipping.window must be a whole number of at least 1, but is 0. Deliveries held unsettled at one time; 4 x concurrency by default.
- <folder>/omnibus.yaml:12:78: consumers.orders/shipping.retry.firstMs must be a whole number of at least 0, but is "2s". Durations are numbers of milliseconds: 2000.
- <folder>/omnibus.yaml:12:91: consumers.orders/shipping.retry.attempts must be a whole number of at least 1, but is 1.5. Times that a message is handled before it is rejected, the first one included; 5 by default.
- <folder>/omnibus.yaml:13:17: emulate[1] must be one of "safe", "receive", "settleEach", "retry", "retryDelay", "release", "reject", "lock", "delay", "ordering", "dedup", "ttl", "priority", "headers", "replay", "temporary", "durable", "filter", "wildcard", "transaction", but is "orderng". Did you mean "ordering"?
- <folder>/omnibus.yaml:14:1: provision must be one of "create", "verify", "assume", but is "creat". Did you mean "create"?`);
  });

  test.each([
    ['a: 1\na: hunter2', '2:1: the configuration is not valid YAML: Map keys must be unique. Keep one of the two.'],
    ['a: [1, 2', '1:9: the configuration is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]. Check brackets, quotes and indentation up to there.'],
    ['password: @hunter2', '1:11: the configuration is not valid YAML: Plain value cannot start with reserved character @. Put the value in quotes.'],
    ['- a\nhunter2: 1', '2:1: the configuration is not valid YAML: Unexpected scalar at node end. Check brackets, quotes and indentation up to there.'],
    ['a: !hunter2 x', '1:4: the configuration is not valid YAML: Unresolved tag: !hunter2. Check brackets, quotes and indentation up to there.'],
    ['a: *hunter2', '1:1: the configuration is not valid YAML: an alias without its anchor, or too many aliases. Set the &anchor before its *alias.'],
    ['a\n---\nb', '2:1: the configuration is not valid YAML: Source contains multiple documents; please use YAML.parseAllDocuments(). One file holds one configuration.'],
  ])('of syntax say where, without quoting the file: %j', async (text, problem) => {
    expect(await refusal({ 'omnibus.yaml': text })).toBe(`<folder>/omnibus.yaml:${problem}`);
  });

  test('of JSON syntax do not quote the file either', async () => {
    expect(await refusal({ 'omnibus.json': '{ "name": hunter2 }' })).toBe('<folder>/omnibus.json:1:11: the configuration is not valid JSON: Unresolved plain scalar. Check brackets, quotes and indentation up to there.');
  });

  test('never show what came from a variable', async () => {
    const text = MINIMAL.replace('default: local', 'default: "${SECRET}"');
    expect(await refusal({ 'omnibus.yaml': `${text}sendTimeoutMs: "\${SECRET:-x}"\nname2: "\${SECRET}"\nprovision: \${file:secret}\nstopDeadlineMs: \${WAIT}\n`, secret: 'hunter2' }, { SECRET: 'hunter2', WAIT: '5s' })).toBe(`<folder>/omnibus.yaml has 5 problems:
- <folder>/omnibus.yaml:4:1: default must name one of the transports, but is what \${SECRET} gives. Transports: "local".
- <folder>/omnibus.yaml:5:1: sendTimeoutMs must be a whole number of at least 1, but is what \${SECRET} gives. A send that no broker confirmed for this long is a TIMEOUT, in ms; 30000 by default.
- <folder>/omnibus.yaml:6:1: name2 is not a known key. Did you mean "name"?
- <folder>/omnibus.yaml:7:1: provision must be one of "create", "verify", "assume", but is what \${file:secret} gives. Whether what is missing on the broker is created, refused or not asked for; "create" by default.
- <folder>/omnibus.yaml:8:1: stopDeadlineMs must be a whole number of at least 0, but is what \${WAIT} gives. Durations are numbers of milliseconds, without a unit.`);
  });

  test('of one key with another are found', async () => {
    const text = `${MINIMAL.replace('{ use: memory }', 'memory')}channels:\n  "a.b": { foreign: {} }\nconsumers:\n  c: { retry: { firstMs: 2, maxMs: 1 } }\n`;
    expect(await refusal({ 'omnibus.yaml': text })).toBe(`<folder>/omnibus.yaml has 3 problems:
- <folder>/omnibus.yaml:3:3: transports.local does not say what it is. Add its kind, for example use: rabbitmq.
- <folder>/omnibus.yaml:6:12: channels["a.b"].foreign does not say how a message gets its type. Give type, or from: { header } or { field }.
- <folder>/omnibus.yaml:8:8: consumers.c.retry begins with 2 ms, which is more than its maxMs of 1. Raise maxMs or lower firstMs.`);
    expect(await refusal({ 'omnibus.yaml': 'name: ""\ntransports: {}\ndefault: a' })).toBe(`<folder>/omnibus.yaml has 2 problems:
- <folder>/omnibus.yaml:1:1: name is empty. The service's name: CloudEvents source, connection names, reply addresses, metrics.
- <folder>/omnibus.yaml:2:1: transports names no transport. One is needed, for example local: { use: memory }.`);
  });

  test('of alternatives are those of the one that was meant', async () => {
    expect(await refusal({ 'omnibus.yaml': `${MINIMAL}channels:\n  a: { foreign: { from: { haeder: x } } }\n` })).toBe(`<folder>/omnibus.yaml has 2 problems:
- <folder>/omnibus.yaml:6:19: channels.a.foreign.from.header is missing. Name of the header that holds the type.
- <folder>/omnibus.yaml:6:27: channels.a.foreign.from.haeder is not a known key. Did you mean "header"?`);
  });

  test('are shown from the working directory where the file lies below it', async () => {
    const name = `.tmp-${process.pid}.yaml`;
    const { rmSync } = await import('node:fs');
    writeFileSync(name, 'nam: x');
    try {
      expect((await thrown(() => loadConfig({ file: name }))).message).toContain(`- ${name}:1:1: nam is not a known key.`);
    } finally {
      rmSync(name);
    }
  });
});
