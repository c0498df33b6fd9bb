import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBroker, type Surroundings } from '../src/broker.js';
import { whyNoDockerEngine } from '../src/docker-engine.js';
import { rabbitmq } from '../src/rabbitmq.js';
import type { Broker, Means, Recipe } from '../src/recipe.js';

const found = (how: Means): Broker => {
  const dispose = async (): Promise<void> => {};
  return {
    available: true,
    name: 'fake',
    url: 'fake://here',
    how,
    version: '1',
    control: undefined,
    admin: undefined,
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
};

const recipe: Recipe<object, Broker> = {
  name: 'fake',
  variable: 'OMNIBUS_FAKE_URL',
  install: 'apt-get install fake',
  attach: async () => found('environment'),
  container: async () => found('container'),
  native: async () => found('native'),
  embedded: async () => found('embedded'),
};

const around = (changes: Partial<Surroundings> = {}): Surroundings => ({
  environment: {},
  means: ['environment', 'container', 'native', 'embedded'],
  known: ['fake'],
  whyNoContainer: async () => undefined,
  ...changes,
});

const how = async (changed: Partial<Recipe<object, Broker>>, changes?: Partial<Surroundings>): Promise<string> => {
  const result = await findBroker({ ...recipe, ...changed }, {}, around(changes));
  return result.available ? result.how : result.reason;
};

describe('a broker is taken', () => {
  it('from the environment, else a container, else a native process, else an emulator', async () => {
    const none = async (): Promise<string> => 'not this one';
    expect(await how({}, { environment: { OMNIBUS_FAKE_URL: 'fake://there' } })).toBe('environment');
    expect(await how({})).toBe('container');
    expect(await how({ container: none })).toBe('native');
    expect(await how({ container: none, native: none })).toBe('embedded');
  });

  it('never from the environment when one of its own is wanted', async () => {
    expect(await how({}, { environment: { OMNIBUS_FAKE_URL: 'fake://there' }, means: ['container', 'native', 'embedded'] })).toBe(
      'container',
    );
  });

  it('as a native process where no container can be had, or its image cannot', async () => {
    expect(await how({}, { whyNoContainer: async () => 'no Docker engine' })).toBe('native');
    expect(await how({ container: () => Promise.reject(new Error('no such image')) })).toBe('native');
  });

  it('or thrown when it is there and does not work', async () => {
    await expect(how({ native: () => Promise.reject(new Error('it crashed')) }, { means: ['native'] })).rejects.toThrow(
      'it crashed',
    );
  });
});

describe('a missing broker', () => {
  const nowhere = {
    container: () => Promise.reject(new Error('no such image')),
    native: async () => 'fake is not installed',
    embedded: async () => '',
  };

  it('is reported with everything that was tried and what to do', async () => {
    expect(await how(nowhere)).toBe(
      'no fake: OMNIBUS_FAKE_URL is not set; its container did not start: no such image; fake is not installed. Set OMNIBUS_FAKE_URL, or: apt-get install fake',
    );
  });

  it('is thrown when OMNIBUS_REQUIRE asks for it', async () => {
    await expect(how(nowhere, { environment: { OMNIBUS_REQUIRE: 'all' } })).rejects.toThrow(
      /^OMNIBUS_REQUIRE asks for fake, but .*apt-get install fake$/,
    );
    expect(await how({}, { environment: { OMNIBUS_REQUIRE: 'fake' } })).toBe('container');
  });
});

describe('a RabbitMQ of the environment', () => {
  it('that does not answer is an error, not a reason', async () => {
    await expect(rabbitmq.attach('amqp://guest:secret@127.0.0.1:1', {})).rejects.toThrow(
      /^nothing speaks AMQP at 127.0.0.1:1: connect ECONNREFUSED/,
    );
  });

  it('that is something else is an error', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await expect(rabbitmq.attach(`amqp://127.0.0.1:${port}`, {})).rejects.toThrow('does not speak AMQP 0-9-1');
    server.close();
  });

  it('does not serve a suite that needs other settings', async () => {
    expect(await rabbitmq.attach('amqp://nowhere', { tls: 'mutual', management: true })).toContain(
      'not ours to set tls, management',
    );
  });
});

describe('a Docker engine', () => {
  async function whyNot(answer: RequestListener): Promise<string | undefined> {
    const folder = await mkdtemp(join(tmpdir(), 'omnibus-engine-'));
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(join(folder, 'docker.sock'), resolve));
    try {
      return await whyNoDockerEngine({ DOCKER_HOST: `unix://${join(folder, 'docker.sock')}` });
    } finally {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    }
  }

  it('is one that answers at its socket', async () => {
    expect(
      await whyNot((request, response) => response.writeHead(request.url === '/_ping' ? 200 : 404).end('OK')),
    ).toBeUndefined();
  });

  it('is none where nobody answers, or not in time', async () => {
    expect(await whyNoDockerEngine({ DOCKER_HOST: 'unix:///nowhere.sock' })).toBe(
      'no Docker engine answers at unix:///nowhere.sock',
    );
    expect(await whyNoDockerEngine({ DOCKER_HOST: 'tcp://127.0.0.1:1' })).toBe('no Docker engine answers at tcp://127.0.0.1:1');
    expect(await whyNot(() => {})).toContain('no Docker engine answers at unix://');
    expect(await whyNot((_, response) => response.writeHead(500).end())).toContain('no Docker engine answers');
  });
});
