import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { folder } from './folder.js';
import { MINIMAL, refusal } from './refusal.js';

describe('variables', () => {
  const transports = (local: string): string => `name: shop\ndefault: local\ntransports:\n  local: ${local}\n`;
  const load = async (
    local: string,
    env: Readonly<Record<string, string>>,
    files: Readonly<Record<string, string>> = {},
  ): Promise<unknown> =>
    (await loadConfig({ from: folder({ 'omnibus.yaml': transports(local), ...files }), env })).transports['local'];

  test('are replaced in texts, with defaults where they are unset or empty', async () => {
    expect(
      await load('{ use: memory, a: "x${A}y${A}", b: "${B:-b:-c}", c: "${EMPTY:-${A}}", d: "${EMPTY}", e: ["${A}"] }', {
        A: '1',
        EMPTY: '',
      }),
    ).toEqual({ use: 'memory', a: 'x1y1', b: 'b:-c', c: '1', d: '', e: ['1'] });
  });

  test('are not replaced a second time, nor in keys, nor where $${ says a literal', async () => {
    expect(await load('{ use: memory, "${A}": "${A}", b: "$${A} $$${A} $5 {}" }', { A: '${B}' })).toEqual({
      use: 'memory',
      '${A}': '${B}',
      b: '${A} $${A} $5 {}',
    });
  });

  test('are the contents of a file, without the line end, from the folder of the configuration', async () => {
    expect(
      await load('{ use: memory, a: "${file:secrets/a}", b: "${file:none:-${B}}" }', { B: 'b' }, { 'secrets/a': 's3cret\r\n' }),
    ).toEqual({ use: 'memory', a: 's3cret', b: 'b' });
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
    expect(
      await refusal({ 'omnibus.yaml': transports('{ use: memory, url: ${URL:-amqp://me:hunter2@host}, vhost: ${VHOST} }') }),
    ).toBe(
      '<folder>/omnibus.yaml:4:30: transports.local.url holds the variable URL without quotes inside { } or [ ], where YAML takes its braces for a map. Put the whole value in quotes: "${URL}".',
    );
    expect(await refusal({ 'omnibus.yaml': transports('{ use: memory, hosts: [${A}] }') })).toBe(
      '<folder>/omnibus.yaml:4:33: transports.local.hosts holds the variable A without quotes inside { } or [ ], where YAML takes its braces for a map. Put the whole value in quotes: "${A}".',
    );
  });

  test.each([
    ['"${A"', 'has a ${ without its }. Close it, or write $${ for the two characters themselves.'],
    [
      '"${A-b}"',
      'has a ${ } that is not the name of a variable. Write ${NAME}, ${NAME:-default} or ${file:/path}; $${ for the two characters themselves.',
    ],
    [
      '"${file:gone}"',
      'needs the file <folder>/gone, which cannot be read (ENOENT). Mount it, or give a default: ${file:gone:-default}.',
    ],
    [
      '"${file:.:-x}"',
      'needs the file <folder>, which cannot be read (EISDIR). Mount it, or give a default: ${file:.:-default}.',
    ],
    [
      '"${constructor}"',
      'needs the environment variable constructor, which is not set. Export constructor, or give a default: ${constructor:-default}.',
    ],
  ])('that are written wrongly are refused: %s', async (text, problem) => {
    expect(await refusal({ 'omnibus.yaml': transports(`{ use: memory, url: ${text} }`) })).toBe(
      `<folder>/omnibus.yaml:4:25: transports.local.url ${problem}`,
    );
  });
});
