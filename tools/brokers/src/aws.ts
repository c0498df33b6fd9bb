import { existsSync, readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AwsEndpoint, type AwsOptions, answers, endpointOf } from './aws-endpoint.js';
import { bareEnvironment } from './command.js';
import { NativeProcess } from './native-process.js';
import { freePorts } from './ports.js';
import type { Broker, Recipe } from './recipe.js';

/**
 * An AWS endpoint that was found, with SQS, SNS and S3 at one `url`; S3 by path (`forcePathStyle`). `how` is `embedded` for the
 * emulator fauxqs: its queues, messages in flight, topics, subscriptions and objects outlive stop, kill and restart; the FIFO
 * deduplication window does not.
 */
export interface Aws extends Broker, AwsEndpoint {
  readonly name: 'aws';
}

const START_MS = 30_000;
const STOP_MS = 10_000;

/** How an AWS endpoint is had. */
export const aws: Recipe<AwsOptions, Aws> = {
  name: 'aws',
  variable: 'OMNIBUS_AWS_URL',
  install: 'npm install here with Node 22.14 or newer',

  async attach(url) {
    await answers(url, 'OMNIBUS_AWS_URL');
    return describe('environment', url, process.env, undefined);
  },

  async embedded() {
    if (process.platform === 'win32') return 'its guardian needs a POSIX shell';
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    if (major * 1_000 + minor < 22_014) return `the emulator fauxqs needs Node 22.14, this is ${process.versions.node}`;
    const emulator = await NativeProcess.launch('aws', async (directory) => {
      const { port } = await freePorts('port');
      const own = { PORT: String(port), DATA_DIRECTORY: join(directory, 'data') };
      return {
        command: process.execPath,
        args: ['--disable-warning=ExperimentalWarning', serverFile()],
        env: { ...bareEnvironment(directory), ...own },
        about: `http://127.0.0.1:${port}`,
        ready: /^fauxqs is ready$/m,
        cleanup: '',
        startTimeoutMs: START_MS,
        stopTimeoutMs: STOP_MS,
      };
    });
    return describe('embedded', emulator.about, {}, emulator);
  },
};

function describe(
  how: 'environment' | 'embedded',
  url: string,
  environment: NodeJS.ProcessEnv,
  emulator: NativeProcess<string> | undefined,
): Aws {
  const dispose = async (): Promise<void> => emulator?.dispose();
  return {
    available: true,
    name: 'aws',
    how,
    url,
    ...endpointOf(environment),
    version: emulator && `fauxqs ${versionOfFauxqs()}`,
    control: emulator,
    admin: undefined,
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

/** The emulator's process runs this package's own file: compiled, or as TypeScript where the sources are run. */
function serverFile(): string {
  const compiled = fileURLToPath(new URL('./fauxqs-server.js', import.meta.url));
  return existsSync(compiled) ? compiled : compiled.replace(/js$/, 'ts');
}

function versionOfFauxqs(): string {
  const manifest = findPackageJSON('fauxqs', import.meta.url);
  if (manifest === undefined) throw new Error('fauxqs is not installed: run the install of this repository');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
