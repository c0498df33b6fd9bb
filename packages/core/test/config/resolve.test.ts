import Module from 'node:module';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { type ResolvedTransport, resolveTransport } from '../../src/config/resolve.js';
import { defineTransport, type TransportDefinition } from '../../src/transport/transport.js';
import { thrown } from '../codec/thrown.js';
import { folder } from './folder.js';

const memory = defineTransport<{ readonly limit?: number }>({
  transport: 'memory',
  options: { limit: { type: 'number', min: 1, default: 100, description: 'Messages held; 100 by default.' } },
  create: () => {
    throw new Error('not here');
  },
});

// pnpm starts tools with a NODE_PATH on which every package of this workspace is: an application has none of them
beforeAll(() => {
  vi.stubEnv('NODE_PATH', '');
  (Module as unknown as { _initPaths(): void })._initPaths();
});

/** The source of a package that exports a transport. */
const source = (transport: string): string =>
  `export const other = 1;
   export const ${transport} = Object.assign((o) => ({ ...o, use: '${transport}' }), {
     transport: '${transport}', create() {},
     options: { url: { type: 'string', required: true, secret: true, pattern: /^amqp/, description: 'Where the broker is.' }, prefetch: { type: 'number', default: 7, description: 'Deliveries in flight.' } },
   });`;
const installed = (name: string, transport: string): Readonly<Record<string, string>> => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({
    name,
    version: '1.0.0',
    type: 'module',
    exports: { '.': { types: './index.d.ts', default: './index.js' } },
  }),
  [`node_modules/${name}/index.js`]: source(transport),
});

/** The error of the only transport of a configuration file, with the temporary folder as `<folder>`. */
async function refusal(
  definition: string,
  files: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const from = folder({ 'omnibus.yaml': `name: shop\ndefault: cloud\ntransports:\n  cloud:\n${definition}\n`, ...files });
  const config = await loadConfig({ from, env });
  const { code, message } = await thrown(() => resolveTransport(config.transports['cloud']!, { known: [memory] }));
  expect(code).toBe('CONFIG');
  return message.replaceAll(from, '<folder>');
}

async function resolved(
  definition: TransportDefinition,
  files: Readonly<Record<string, string>> = {},
): Promise<ResolvedTransport> {
  return resolveTransport(definition, { known: [memory], from: folder(files) });
}

describe('the factory', () => {
  test('is a known one before any package', async () => {
    const { factory, options } = await resolved(memory({ limit: 5 }), installed('@omnibus/memory', 'memory'));
    expect(factory).toBe(memory);
    expect(options).toEqual({ limit: 5 });
  });

  test('is the named export of the package, found from the configuration file', async () => {
    const from = folder({
      'omnibus.yaml': 'name: s\ndefault: a\ntransports: { a: { use: rabbitmq, url: "${URL}", prefetch: "${PREFETCH}" } }',
      ...installed('@omnibus/rabbitmq', 'rabbitmq'),
    });
    const config = await loadConfig({ from, env: { URL: 'amqp://me:hunter2@b', PREFETCH: '20' } });
    const { factory, options } = await resolveTransport(config.transports['a']!);
    expect(factory.transport).toBe('rabbitmq');
    expect(options).toEqual({ url: 'amqp://me:hunter2@b', prefetch: 20 });
    expect(Object.isFrozen(options)).toBe(true);
  });

  test('is the only transport of a package or file whose name has a slash or dot', async () => {
    expect((await resolved({ use: '@acme/nats', url: 'amqp:' }, installed('@acme/nats', 'jetstream'))).factory.transport).toBe(
      'jetstream',
    );
    expect((await resolved({ use: './my/transport.mjs', url: 'amqp:' }, { 'my/transport.mjs': source('mine') })).options).toEqual(
      { url: 'amqp:', prefetch: 7 },
    );
  });
});

describe('a transport that is not found', () => {
  test('and is well known says what to install', async () => {
    expect(await refusal('    use: rabbitmq')).toBe(
      '<folder>/omnibus.yaml:5:5: transports.cloud.use is "rabbitmq", but the package @omnibus/rabbitmq is not installed. Run: npm install @omnibus/rabbitmq (looked for from <folder>).',
    );
  });

  test('and is nearly well known says which was meant', async () => {
    expect(await refusal('    use: rabitmq')).toBe(
      '<folder>/omnibus.yaml:5:5: transports.cloud.use is "rabitmq", which is no known transport. Did you mean "rabbitmq"?',
    );
  });

  test('and is unknown says what there is', async () => {
    expect(await refusal('    use: redis')).toBe(
      '<folder>/omnibus.yaml:5:5: transports.cloud.use is "redis", which is no known transport. Known are memory, rabbitmq, sqs, sns, kafka; that of another package or file is written with its slash or dot: @acme/nats, ./nats.js.',
    );
  });

  test('and came from a variable is not shown', async () => {
    expect(await refusal('    use: "${USE}"', {}, { USE: 'amqp://me:hunter2@host' })).toBe(
      '<folder>/omnibus.yaml:5:5: transports.cloud.use is what ${USE} gives, and there is no such package or file. Install it, or correct it; looked for from <folder>.',
    );
  });

  test('but its package cannot be loaded says why', async () => {
    const broken = {
      ...installed('@omnibus/mqtt', 'mqtt'),
      'node_modules/@omnibus/mqtt/index.js': 'throw new Error("no mqtt client");',
    };
    expect(await refusal('    use: mqtt', broken)).toBe(
      '<folder>/omnibus.yaml:5:5: transports.cloud.use is "mqtt", and <folder>/node_modules/@omnibus/mqtt/index.js cannot be loaded: no mqtt client. Install what it needs, or correct it.',
    );
  });

  test('but its package exports something else, or has no entry, says so', async () => {
    expect(await refusal('    use: mqtt', installed('@omnibus/mqtt', 'kafka'))).toBe(
      '<folder>/omnibus.yaml:5:5: transports.cloud.use is "mqtt", but <folder>/node_modules/@omnibus/mqtt/index.js exports other transports, or several. A transport is the named export that defineTransport made.',
    );
    expect(await refusal('    use: ./x.mjs', { 'x.mjs': 'export const x = 1;' })).toBe(
      '<folder>/omnibus.yaml:5:5: transports.cloud.use is "./x.mjs", but <folder>/x.mjs exports no transport. A transport is the named export that defineTransport made.',
    );
    const closed = {
      ...installed('@omnibus/mqtt', 'mqtt'),
      'node_modules/@omnibus/mqtt/package.json': '{"name":"@omnibus/mqtt","exports":{"./other":"./index.js"}}',
    };
    expect(await refusal('    use: mqtt', closed)).toBe(
      '<folder>/omnibus.yaml:5:5: transports.cloud.use is "mqtt", which cannot be resolved (ERR_PACKAGE_PATH_NOT_EXPORTED). Looked for from <folder>.',
    );
  });
});

describe('the options', () => {
  test('are checked all at once, with their places, and secrets are not shown', async () => {
    expect(
      await refusal(
        '    use: rabbitmq\n    prefetc: 5\n    url: "hunter2"\n    prefetch: 10s',
        installed('@omnibus/rabbitmq', 'rabbitmq'),
      ),
    ).toBe(`<folder>/omnibus.yaml has 3 problems:
- <folder>/omnibus.yaml:6:5: transports.cloud.prefetc is not a known key. Did you mean "prefetch"?
- <folder>/omnibus.yaml:7:5: transports.cloud.url must be a text that matches /^amqp/, but is a value that is not shown. Where the broker is.
- <folder>/omnibus.yaml:8:5: transports.cloud.prefetch must be a number, but is "10s". Deliveries in flight.`);
  });

  test('of a definition that was made in code are named by its key, where that is told', async () => {
    const wrong = { use: 'memory', limit: 0 };
    expect((await thrown(() => resolveTransport(wrong, { known: [memory], name: 'cloud' }))).message).toBe(
      'transports.cloud.limit must be a number of at least 1, but is 0. Messages held; 100 by default.',
    );
    expect((await thrown(() => resolveTransport(wrong, { known: [memory] }))).message).toBe(
      'limit must be a number of at least 1, but is 0. Messages held; 100 by default.',
    );
  });
});
