/** A broker in a container, for tests. */
export interface StartedBroker extends AsyncDisposable {
  /** With credentials, ready for `url:` of a transport's configuration. */
  readonly url: string;
  /** Removes the container and its data. Idempotent. */
  stop(): Promise<void>;
}

/** What may be chosen about the container. */
export interface StartBrokerOptions {
  /** The image to run; the default is a recent one of the broker's makers. */
  readonly image?: string;
  /** How long the broker may take to be ready, its image pulled; default 120,000. */
  readonly startTimeoutMs?: number;
}

const brokers = {
  rabbitmq: {
    image: 'rabbitmq:4.1-alpine',
    port: 5672,
    ready: /Server startup complete/,
    url: (host: string, port: number) => `amqp://guest:guest@${host}:${port}`,
  },
};

/** The brokers that `startBroker` can start. */
export type StartableBroker = keyof typeof brokers;

/**
 * Starts a real broker in a container by Testcontainers, an optional peer dependency that is loaded on the first call.
 * Resolves when the broker is ready. `await using` or `stop()` ends it.
 * @throws Error naming what to install or start when testcontainers or a Docker engine is missing
 */
export async function startBroker(name: StartableBroker, options: StartBrokerOptions = {}): Promise<StartedBroker> {
  const { image, port, ready, url } = brokers[name];
  const { GenericContainer, Wait, getContainerRuntimeClient } = await import('testcontainers').catch((cause: unknown) => {
    throw new Error(`startBroker('${name}') needs the package testcontainers: npm install --save-dev testcontainers`, { cause });
  });
  await getContainerRuntimeClient().catch((cause: unknown) => {
    throw new Error(`startBroker('${name}') needs a Docker engine, and none answers: start Docker, or set DOCKER_HOST`, {
      cause,
    });
  });
  const container = await new GenericContainer(options.image ?? image)
    .withExposedPorts(port)
    .withWaitStrategy(Wait.forLogMessage(ready))
    .withStartupTimeout(options.startTimeoutMs ?? 120_000)
    .start();
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= container.stop().then(() => undefined);
    return stopped;
  };
  return { url: url(container.getHost(), container.getMappedPort(port)), stop, [Symbol.asyncDispose]: stop };
}
