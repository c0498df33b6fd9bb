import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { amqpVersion } from './amqp-hello.js';
import { type Certificates, makeCertificates } from './certificates.js';
import { bareEnvironment, findExecutable } from './command.js';
import { ContainerProcess } from './container.js';
import { NativeProcess } from './native-process.js';
import { freePorts } from './ports.js';
import { type RabbitMqAccess, RabbitMqAdmin } from './rabbitmq-admin.js';
import { endOfEpmd, type RabbitMqOptions, type RabbitMqSettings, rabbitMqEnvironment, rabbitMqFiles } from './rabbitmq-config.js';
import type { Broker, Recipe } from './recipe.js';

/** What a client needs for the TLS listener; all PEM. */
export interface RabbitMqTls {
  readonly url: string;
  readonly ca: string;
  /** The client's certificate and key; the common name is `client`. */
  readonly cert: string;
  readonly key: string;
}

/** A RabbitMQ that was found. */
export interface RabbitMq extends Broker {
  readonly name: 'rabbitmq';
  /** rabbitmqctl against this node; undefined for a broker of the environment. */
  readonly admin: RabbitMqAdmin | undefined;
  /** Present when `tls` was asked for. */
  readonly tls: RabbitMqTls | undefined;
  /** With credentials; present when `management` was asked for. */
  readonly managementUrl: string | undefined;
}

/** One node of ours: how it is set, its throw-away certificates, the way to its rabbitmqctl. */
interface Node {
  readonly settings: RabbitMqSettings;
  readonly certificates: Certificates | undefined;
  readonly access: RabbitMqAccess;
}

const HELLO_MS = 5_000;
const START_MS = 90_000;
const STOP_MS = 30_000;
// Debian keeps the broker's own scripts here; its /usr/sbin/rabbitmq-server switches user and loses the environment.
const FOLDERS = ['/usr/lib/rabbitmq/bin'];

/** How a RabbitMQ is had. */
export const rabbitmq: Recipe<RabbitMqOptions, RabbitMq> = {
  name: 'rabbitmq',
  variable: 'OMNIBUS_RABBITMQ_URL',
  install: 'apt-get install rabbitmq-server, or start Docker',

  async attach(url, options) {
    const { heartbeatSeconds: _, ...settings } = options;
    const fixed = Object.entries(settings).flatMap(([name, value]) => (value === undefined || value === false ? [] : [name]));
    if (fixed.length > 0) return `the broker of OMNIBUS_RABBITMQ_URL is not ours to set ${fixed.join(', ')}`;
    const version = await amqpVersion(url, HELLO_MS);
    const dispose = async (): Promise<void> => {};
    return {
      available: true,
      name: 'rabbitmq',
      how: 'environment',
      url: withHeartbeat(url, options),
      version,
      control: undefined,
      admin: undefined,
      tls: undefined,
      managementUrl: undefined,
      dispose,
      [Symbol.asyncDispose]: dispose,
    };
  },

  async native(options) {
    if (process.platform === 'win32') return 'native processes need a POSIX shell';
    const command = findExecutable('rabbitmq-server', FOLDERS);
    if (command === undefined) return 'rabbitmq-server is not installed';
    const broker = await NativeProcess.launch('rabbitmq', async (directory) => {
      const { distributionPort, epmdPort, ...ports } = await freePorts(
        'amqpPort',
        'tlsPort',
        'managementPort',
        'distributionPort',
        'epmdPort',
      );
      const settings = { ...options, ...ports, host: '127.0.0.1', folder: directory };
      const certificates = options.tls === undefined ? undefined : await makeCertificates(directory);
      for (const { name, content } of rabbitMqFiles(settings)) await writeFile(join(directory, name), content);
      const env = { ...bareEnvironment(directory), ...rabbitMqEnvironment(settings, distributionPort, epmdPort) };
      const about: Node = { settings, certificates, access: { command: join(dirname(command), 'rabbitmqctl'), env } };
      return {
        command,
        args: [],
        env,
        about,
        ready: /Server startup complete/,
        cleanup: endOfEpmd(epmdPort),
        startTimeoutMs: START_MS,
        stopTimeoutMs: STOP_MS,
      };
    });
    return describe('native', options, broker.about, broker);
  },

  async container(options) {
    const folder = '/etc/rabbitmq';
    const settings = { ...options, ...(await freePorts('amqpPort', 'tlsPort', 'managementPort')), host: '127.0.0.1', folder };
    const certificates = options.tls === undefined ? undefined : await passingCertificates();
    const inside = { ...settings, host: '0.0.0.0', amqpPort: 5672, tlsPort: 5671, managementPort: 15672 };
    const files = [...rabbitMqFiles(inside), ...(certificates === undefined ? [] : serverFiles(certificates))];
    const listeners = (['amqpPort', 'tlsPort', 'managementPort'] as const).filter(
      (port) => port === 'amqpPort' || (port === 'tlsPort' ? options.tls !== undefined : options.management === true),
    );
    const broker = await ContainerProcess.launch({
      image: process.env['OMNIBUS_RABBITMQ_IMAGE'] ?? 'rabbitmq:4.1-management',
      env: { RABBITMQ_LOGS: '-', RABBITMQ_NODENAME: 'rabbit@localhost' },
      ports: listeners.map((port) => ({ container: inside[port], host: settings[port] })),
      files: files.map(({ name, content }) => ({ target: `${folder}/${name}`, content })),
      probe: () => amqpVersion(urlOf(settings), HELLO_MS),
      startTimeoutMs: START_MS,
      stopTimeoutMs: STOP_MS,
    });
    return describe('container', options, { settings, certificates, access: { container: broker.id } }, broker);
  },
};

async function describe(
  how: 'native' | 'container',
  options: RabbitMqOptions,
  node: Node,
  broker: NativeProcess<Node> | ContainerProcess,
): Promise<RabbitMq> {
  const { settings, certificates, access } = node;
  const { host, tlsPort, managementPort } = settings;
  const dispose = (): Promise<void> => broker.dispose();
  try {
    return {
      available: true,
      name: 'rabbitmq',
      how,
      url: withHeartbeat(urlOf(settings), options),
      version: await amqpVersion(urlOf(settings), HELLO_MS),
      control: broker,
      admin: new RabbitMqAdmin(access),
      tls: certificates && {
        url: withHeartbeat(`amqps://guest:guest@${host}:${tlsPort}`, options),
        ca: certificates.ca,
        ...certificates.client,
      },
      managementUrl: options.management === true ? `http://guest:guest@${host}:${managementPort}` : undefined,
      dispose,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function urlOf({ host, amqpPort }: RabbitMqSettings): string {
  return `amqp://guest:guest@${host}:${amqpPort}`;
}

function withHeartbeat(url: string, { heartbeatSeconds }: RabbitMqOptions): string {
  return heartbeatSeconds === undefined ? url : `${url}${url.includes('?') ? '&' : '?'}heartbeat=${heartbeatSeconds}`;
}

function serverFiles({ ca, server }: Certificates): readonly { readonly name: string; readonly content: string }[] {
  return [
    { name: 'ca.pem', content: ca },
    { name: 'server.pem', content: server.cert },
    { name: 'server.key', content: server.key },
  ];
}

/** The certificates alone: their files are gone again. */
async function passingCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'omnibus-certificates-'));
  try {
    return await makeCertificates(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
