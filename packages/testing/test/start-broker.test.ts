import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startBroker } from '../src/start-broker.js';

afterEach(() => {
  vi.doUnmock('testcontainers');
});

/** Stands in for testcontainers, and keeps what was asked of it. */
function fake({ engine = true } = {}): { asked: unknown[][]; stops: number } {
  const seen = { asked: [] as unknown[][], stops: 0 };
  class GenericContainer {
    constructor(image: string) {
      seen.asked.push(['image', image]);
    }
    withExposedPorts(port: number): this {
      seen.asked.push(['port', port]);
      return this;
    }
    withWaitStrategy(): this {
      return this;
    }
    withStartupTimeout(ms: number): this {
      seen.asked.push(['startTimeoutMs', ms]);
      return this;
    }
    async start(): Promise<object> {
      const stop = async (): Promise<void> => {
        seen.stops += 1;
      };
      return {
        getHost: () => 'docker.test',
        getMappedPort: (port: number) => port + 40_000,
        stop,
      };
    }
  }
  const getContainerRuntimeClient = async (): Promise<void> => {
    if (!engine) throw new Error('Could not find a working container runtime strategy');
  };
  vi.doMock('testcontainers', () => ({ GenericContainer, Wait: { forLogMessage: () => ({}) }, getContainerRuntimeClient }));
  return seen;
}

describe('startBroker', () => {
  it('gives the URL of the mapped port, and stops the container once', async () => {
    const seen = fake();
    const broker = await startBroker('rabbitmq');
    expect(broker.url).toBe('amqp://guest:guest@docker.test:45672');
    await Promise.all([broker.stop(), broker.stop(), broker[Symbol.asyncDispose]()]);
    expect(seen.stops).toBe(1);
    expect(seen.asked).toEqual([
      ['image', expect.stringMatching(/^rabbitmq:\d/)],
      ['port', 5672],
      ['startTimeoutMs', 120_000],
    ]);
  });

  it('runs the image that it is told to, for as long as it is told to', async () => {
    const seen = fake();
    await using _ = await startBroker('rabbitmq', { image: 'registry.test/rabbitmq:3', startTimeoutMs: 5_000 });
    expect(seen.asked).toEqual([
      ['image', 'registry.test/rabbitmq:3'],
      ['port', 5672],
      ['startTimeoutMs', 5_000],
    ]);
  });

  it('says which package is missing', async () => {
    vi.doMock('testcontainers', () => Promise.reject(new Error('Cannot find package')));
    await expect(startBroker('rabbitmq')).rejects.toThrow(
      "startBroker('rabbitmq') needs the package testcontainers: npm install --save-dev testcontainers",
    );
  });

  it('says that no Docker engine answers', async () => {
    fake({ engine: false });
    await expect(startBroker('rabbitmq')).rejects.toThrow(
      "startBroker('rabbitmq') needs a Docker engine, and none answers: start Docker, or set DOCKER_HOST",
    );
  });

  it('starts a real RabbitMQ where a Docker engine has its image, and says what is missing where not', {
    timeout: 180_000,
  }, async ({ skip }) => {
    const image = process.env['OMNIBUS_RABBITMQ_IMAGE'];
    const started = await startBroker('rabbitmq', image === undefined ? {} : { image }).catch((error: unknown) => error as Error);
    if (started instanceof Error) return skip(started.message);
    await using broker = started;
    const { hostname, port } = new URL(broker.url);
    const hello = await new Promise<Buffer>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write('AMQP\x00\x00\x09\x01', 'latin1'));
      socket.once('data', (chunk) => {
        socket.destroy();
        resolve(chunk);
      });
      socket.once('error', reject);
    });
    expect(hello.toString('latin1')).toContain('RabbitMQ'); // Connection.Start names its product
  });
});
