import type { GenericContainer, StartedTestContainer } from 'testcontainers';
import { until, within } from './deadline.js';
import type { BrokerControl } from './recipe.js';

/** What to run in a container, and how to know that it is ready. */
export interface ContainerSpec {
  readonly image: string;
  /** Fixed ports of this machine, so that a restart changes none. */
  readonly ports: readonly { readonly container: number; readonly host: number }[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly { readonly target: string; readonly content: string }[];
  /** Rejects as long as the broker does not answer; called again and again. */
  readonly probe: () => Promise<unknown>;
  readonly startTimeoutMs: number;
  readonly stopTimeoutMs: number;
}

const CALL_MS = 15_000;

/** A broker in a Docker container that Testcontainers made. */
export class ContainerProcess implements BrokerControl {
  readonly #spec: ContainerSpec;
  readonly #started: StartedTestContainer;
  #disposed: Promise<void> | undefined;

  private constructor(spec: ContainerSpec, started: StartedTestContainer) {
    this.#spec = spec;
    this.#started = started;
  }

  /**
   * Starts a container and resolves when its broker is ready.
   * @throws Error when the image cannot be had or the broker does not become ready
   */
  static async launch(spec: ContainerSpec): Promise<ContainerProcess> {
    const { GenericContainer, Wait } = await import('testcontainers');
    const wanted: GenericContainer = new GenericContainer(spec.image)
      .withExposedPorts(...spec.ports.map(({ container, host }) => ({ container, host })))
      .withEnvironment({ ...spec.env })
      .withCopyContentToContainer([...spec.files])
      .withWaitStrategy(Wait.forListeningPorts())
      .withStartupTimeout(spec.startTimeoutMs);
    const launched = new ContainerProcess(spec, await wanted.start());
    try {
      await launched.#ready();
      return launched;
    } catch (error) {
      await launched.dispose();
      throw error;
    }
  }

  get id(): string {
    return this.#started.getId();
  }

  async stop(): Promise<void> {
    await this.#call('stop', async (container) => {
      if (!(await container.inspect()).State.Running) return;
      if ((await container.inspect()).State.Paused) await container.unpause();
      await container.stop({ t: Math.ceil(this.#spec.stopTimeoutMs / 1_000) });
    });
  }

  async kill(): Promise<void> {
    await this.#call('kill', async (container) => {
      if (!(await container.inspect()).State.Running) return;
      const ended = container.wait();
      await container.kill({ signal: 'SIGKILL' });
      await ended;
    });
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.#call('start', (container) => container.start());
    await this.#ready();
  }

  async pause(): Promise<void> {
    await this.#call('pause', (container) => container.pause());
  }

  async resume(): Promise<void> {
    await this.#call('resume', (container) => container.unpause());
  }

  dispose(): Promise<void> {
    this.#disposed ??= this.#started.stop({ remove: true, removeVolumes: true, timeout: 0 }).then(() => undefined);
    return this.#disposed;
  }

  async #ready(): Promise<void> {
    await until(this.#spec.startTimeoutMs, `${this.#spec.image}: start`, this.#spec.probe);
  }

  async #call(what: string, work: (container: DockerContainer) => Promise<unknown>): Promise<void> {
    if (this.#disposed !== undefined) throw new Error(`${this.#spec.image}: it was disposed of; start a new one`);
    await within(this.#spec.stopTimeoutMs + CALL_MS, `${this.#spec.image}: ${what}`, engineContainer(this.id).then(work));
  }
}

type Engine = Awaited<ReturnType<typeof import('testcontainers').getContainerRuntimeClient>>;
type DockerContainer = ReturnType<Engine['container']['getById']>;

async function engineContainer(id: string): Promise<DockerContainer> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  return (await getContainerRuntimeClient()).container.getById(id);
}

/**
 * Runs a command inside a container to its end and gives what it wrote to standard output.
 * @throws Error with its output when it fails, or after `timeoutMs`
 */
export async function runInContainer(id: string, command: readonly string[], timeoutMs: number): Promise<string> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const engine = (await getContainerRuntimeClient()).container;
  const { exitCode, stdout, output } = await within(timeoutMs, command.join(' '), engine.exec(engine.getById(id), [...command]));
  if (exitCode !== 0) throw new Error(`${command.join(' ')}: exit code ${exitCode}: ${output.trim()}`);
  return stdout;
}

/** Says why Testcontainers cannot be used, or undefined when it can be loaded. */
export async function whyNoTestcontainers(): Promise<string | undefined> {
  try {
    await import('testcontainers');
    return undefined;
  } catch (error) {
    return `the package testcontainers cannot be loaded: ${error instanceof Error ? error.message : String(error)}`;
  }
}
