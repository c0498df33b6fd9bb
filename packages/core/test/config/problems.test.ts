import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { thrown } from '../codec/thrown.js';
import { MINIMAL, refusal } from './refusal.js';

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
    [
      'a: [1, 2',
      '1:9: the configuration is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]. Check brackets, quotes and indentation up to there.',
    ],
    [
      'password: @hunter2',
      '1:11: the configuration is not valid YAML: Plain value cannot start with reserved character @. Put the value in quotes.',
    ],
    [
      '- a\nhunter2: 1',
      '2:1: the configuration is not valid YAML: Unexpected scalar at node end. Check brackets, quotes and indentation up to there.',
    ],
    [
      'a: !hunter2 x',
      '1:4: the configuration is not valid YAML: Unresolved tag: !hunter2. Check brackets, quotes and indentation up to there.',
    ],
    [
      'a: *hunter2',
      '1:1: the configuration is not valid YAML: an alias without its anchor, or too many aliases. Set the &anchor before its *alias.',
    ],
    [
      'a\n---\nb',
      '2:1: the configuration is not valid YAML: Source contains multiple documents; please use YAML.parseAllDocuments(). One file holds one configuration.',
    ],
  ])('of syntax say where, without quoting the file: %j', async (text, problem) => {
    expect(await refusal({ 'omnibus.yaml': text })).toBe(`<folder>/omnibus.yaml:${problem}`);
  });

  test('of JSON syntax do not quote the file either', async () => {
    expect(await refusal({ 'omnibus.json': '{ "name": hunter2 }' })).toBe(
      '<folder>/omnibus.json:1:11: the configuration is not valid JSON: Unresolved plain scalar. Check brackets, quotes and indentation up to there.',
    );
  });

  test('never show what came from a variable', async () => {
    const text = MINIMAL.replace('default: local', 'default: "${SECRET}"');
    expect(
      await refusal(
        {
          'omnibus.yaml': `${text}sendTimeoutMs: "\${SECRET:-x}"\nname2: "\${SECRET}"\nprovision: \${file:secret}\nstopDeadlineMs: \${WAIT}\n`,
          secret: 'hunter2',
        },
        { SECRET: 'hunter2', WAIT: '5s' },
      ),
    ).toBe(`<folder>/omnibus.yaml has 5 problems:
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
    expect(
      await refusal({ 'omnibus.yaml': `${MINIMAL}channels:\n  a: { foreign: { from: { haeder: x } } }\n` }),
    ).toBe(`<folder>/omnibus.yaml has 2 problems:
- <folder>/omnibus.yaml:6:19: channels.a.foreign.from.header is missing. Name of the header that holds the type.
- <folder>/omnibus.yaml:6:27: channels.a.foreign.from.haeder is not a known key. Did you mean "header"?`);
  });

  test('are shown from the working directory where the file lies below it', async () => {
    const name = `.tmp-${process.pid}.yaml`;
    writeFileSync(name, 'nam: x');
    try {
      expect((await thrown(() => loadConfig({ file: name }))).message).toContain(`- ${name}:1:1: nam is not a known key.`);
    } finally {
      rmSync(name);
    }
  });
});
