import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { rabbitMqCapabilities } from '../src/capabilities.js';
import { DEFAULTS, options } from '../src/options.js';
import { checkServer } from '../src/server.js';
import { channel, containing, like, subscription } from './objects.js';

const orders = channel('queue', 'orders');
const ordered = channel('queue', 'ordered', { ordered: true });

describe('the capabilities', () => {
  it('need no client library', () => {
    const script = `
      import { register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(\`export async function resolve(name, context, next) {
        if (name === 'amqplib') throw new Error('amqplib was loaded');
        return next(name, context);
      }\`));
      const { rabbitMqCapabilities } = await import('@omnibus/rabbitmq/capabilities');
      console.log(typeof rabbitMqCapabilities({}));`;
    const cwd = new URL('..', import.meta.url);
    expect(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd, encoding: 'utf8' })).toBe(
      'function\n',
    );
  });

  it('are those of a queue: every message settled alone, given back, delayed by up to 24 days', () => {
    const { native, limits, caveats } = rabbitMqCapabilities()(orders);
    expect(native).toEqual({
      receive: Infinity,
      settleEach: Infinity,
      release: Infinity,
      delay: 2_097_151_000,
      ordering: Infinity,
      headers: Infinity,
      temporary: Infinity,
      durable: Infinity,
    });
    expect(limits).toMatchObject({
      sendBytes: 16_777_216,
      delayStepMs: 1_000,
      receiveCalls: 1,
      batchFailure: 'each',
      lingerMs: 0,
      holdMs: 1_800_000,
    });
    expect(caveats).toEqual([containing('whole seconds')]);
  });

  it('of an ordered endpoint have no release, and say that one process works', () => {
    for (const endpoint of [ordered, subscription(ordered)]) {
      const { native, caveats } = rabbitMqCapabilities()(endpoint);
      expect(native).not.toHaveProperty('release');
      expect(native.ordering).toBe(Infinity);
      expect(caveats).toContainEqual(containing('single active consumer'));
    }
  });

  it('have priorities on classic queues that are not ordered', () => {
    expect(rabbitMqCapabilities()(orders).native).not.toHaveProperty('priority');
    expect(rabbitMqCapabilities({ queueType: 'classic' })(orders).native.priority).toBe(256);
    expect(rabbitMqCapabilities({ queueType: 'classic' })(ordered).native).not.toHaveProperty('priority');
  });

  it('have no delay where it is switched off, and no longest hold where the broker has none', () => {
    expect(rabbitMqCapabilities({ delay: false })(orders).native).not.toHaveProperty('delay');
    expect(rabbitMqCapabilities({ consumerTimeoutMs: 0 })(orders).limits).not.toHaveProperty('holdMs');
  });

  it.each([
    ['a temporary subscription', {}, subscription(orders, { temporary: true }), 'x-expires'],
    ['a group of a topic', {}, subscription(channel('topic', 'orders'), { group: 'g' }), 'stays bound'],
    [
      'a dead-letter channel on classic queues',
      { queueType: 'classic' as const },
      subscription(orders, { deadLetter: ordered }),
      'no backstop',
    ],
  ])('warn of %s', (_, given, endpoint, caveat) => {
    expect(rabbitMqCapabilities(given)(endpoint).caveats).toContainEqual(containing(caveat));
    expect(rabbitMqCapabilities()(orders).caveats).not.toContainEqual(containing(caveat));
  });
});

describe('the options', () => {
  it('have the defaults that their specs say', () => {
    const said = Object.entries(options).flatMap(([name, spec]) => ('default' in spec ? [[name, spec.default]] : []));
    expect(Object.fromEntries(said)).toEqual(DEFAULTS);
  });

  it('are kept secret where they hold a password', () => {
    const secret = Object.entries(options).flatMap(([name, spec]) => ('secret' in spec ? [name] : []));
    expect(secret).toEqual(['url', 'password', 'key', 'passphrase']);
  });
});

describe('a broker', () => {
  const server = (version: string, product = 'RabbitMQ') => ({ server: { product, version }, where: 'here' });

  it.each(['3.10.8', '3.13.0', '4.1.0'])('of version %s will do', (version) => {
    expect(() => checkServer(server(version), DEFAULTS)).not.toThrow();
  });

  it.each(['3.9.29', '2.8.0'])('of version %s is refused for what it cannot do', (version) => {
    expect(() => checkServer(server(version), DEFAULTS)).toThrow(like({ code: 'CAPABILITY' }));
    expect(() => checkServer(server(version), { ...DEFAULTS, queueType: 'classic' })).toThrow();
    expect(() => checkServer(server(version), { ...DEFAULTS, delay: false })).toThrow();
    expect(() => checkServer(server(version), { ...DEFAULTS, queueType: 'classic', delay: false })).not.toThrow();
  });

  it('of another make is taken at its word', () => {
    expect(() => checkServer(server('0.1', 'LavinMQ'), DEFAULTS)).not.toThrow();
  });
});
