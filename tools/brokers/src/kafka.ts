import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Certificates, makeCertificates } from './certificates.js';
import { bareEnvironment } from './command.js';
import { type KafkaLink, type KafkaNode, type KafkaOptions, kafkaProperties, LOGIN } from './kafka-config.js';
import { kafkaAnswers, kafkaHasGroups } from './kafka-hello.js';
import { findJava, type JarSet, jarsOf } from './maven.js';
import { NativeProcess } from './native-process.js';
import { freePorts } from './ports.js';
import type { Broker, BrokerControl, Recipe } from './recipe.js';

/** What a client needs for the TLS listener; all PEM. */
export interface KafkaTls {
  /** `host:port`. */
  readonly at: string;
  readonly ca: string;
  /** The client's certificate and key; the common name is `client`. */
  readonly cert: string;
  readonly key: string;
}

/** What a client needs for the listener that asks for a login. */
export interface KafkaLogin {
  /** `host:port`. */
  readonly at: string;
  readonly username: string;
  readonly password: string;
}

/** A Kafka that was found. `url` names its first broker: `kafka://host:port`. */
export interface Kafka extends Broker {
  readonly name: 'kafka';
  /** `host:port` of every broker. */
  readonly brokers: readonly string[];
  /** Power over each node of a cluster; `control` is over all of them. Gone from what is shared between tests. */
  readonly nodes: readonly BrokerControl[];
  /** Present when `tls` was asked for. */
  readonly tls: KafkaTls | undefined;
  /** Present when `sasl` was asked for. */
  readonly login: KafkaLogin | undefined;
  /** As many as were asked for. */
  readonly links: readonly KafkaLink[];
}

const VERSION = '4.1.1';

/** Apache Kafka, and what it logs by. */
export const kafkaJars: JarSet = {
  name: 'kafka',
  artifacts: [`org.apache.kafka:kafka_2.13:${VERSION}`, 'org.slf4j:slf4j-simple:1.7.36'],
};

/** Any 16 bytes in base64url: clusters meet by their ports. */
const CLUSTER = 'b21uaWJ1cy1zdWl0ZXMxMA';
const HELLO_MS = 5_000;
const GROUPS_MS = 30_000;
const START_MS = 60_000;
const STOP_MS = 30_000;

/** What keeps a broker small: 300 MB resident, ready within 2 to 3 s. */
const JVM = '-Xms64m -Xmx320m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData';
const LOGGING = 'org.slf4j.simpleLogger';

/** One node of ours. */
interface About {
  readonly node: KafkaNode;
  readonly certificates: Certificates | undefined;
}

/** How a Kafka is had: KRaft, each node broker and controller in one process. */
export const kafka: Recipe<KafkaOptions, Kafka> = {
  name: 'kafka',
  variable: 'OMNIBUS_KAFKA_URL',
  install: 'apt-get install default-jre-headless maven && node tools/brokers/dist/main.js',

  async attach(url, options) {
    const fixed = Object.entries(options).flatMap(([name, value]) => (value === undefined || value === false ? [] : [name]));
    if (fixed.length > 0) return `the broker of OMNIBUS_KAFKA_URL is not ours to set ${fixed.join(', ')}`;
    const at = new URL(url).host;
    await kafkaAnswers(at, HELLO_MS);
    return describe({ how: 'environment', brokers: [at], version: undefined, control: undefined, dispose: async () => {} });
  },

  async native(options) {
    if (process.platform === 'win32') return 'native processes need a POSIX shell';
    const java = findJava();
    if (java === undefined) return 'java is not installed';
    const jars = jarsOf(kafkaJars);
    if (jars === undefined) return `the jars of Kafka ${VERSION} have not been fetched`;
    const command = startScript(java, jars, options);
    const started = options.nodes === 3 ? await launchCluster(command, options) : [await launchOne(command, options)];
    const all = (what: (node: BrokerControl) => Promise<void>) => async (): Promise<void> =>
      void (await Promise.all(started.map(what)));
    try {
      for (const { about } of started) await kafkaHasGroups(`127.0.0.1:${about.node.port}`, GROUPS_MS);
    } catch (error) {
      await Promise.all(started.map((node) => node.dispose()));
      throw error;
    }
    const [{ about }] = started as [NativeProcess<About>];
    const { tlsPort, saslPort, links } = about.node;
    return describe({
      how: 'native',
      brokers: started.map((each) => `127.0.0.1:${each.about.node.port}`),
      version: VERSION,
      control: {
        stop: all((node) => node.stop()),
        kill: all((node) => node.kill()),
        restart: all((node) => node.restart()),
        pause: all((node) => node.pause()),
        resume: all((node) => node.resume()),
      },
      nodes: started,
      tls: about.certificates && { at: `127.0.0.1:${tlsPort}`, ca: about.certificates.ca, ...about.certificates.client },
      login: options.sasl === true ? { at: `127.0.0.1:${saslPort}`, ...LOGIN } : undefined,
      links,
      dispose: all((node) => (node as NativeProcess<About>).dispose()),
    });
  },
};

/** A shell line that makes the storage where there is none yet, and becomes the broker. */
function startScript(java: string, jars: string, { sasl }: KafkaOptions): string {
  const run = `'${java}' ${JVM} -D${LOGGING}.defaultLogLevel=warn -D${LOGGING}.log.kafka.server.KafkaRaftServer=info -cp '${jars}/*'`;
  const { username, password } = LOGIN;
  const users = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map((name) => `--add-scram '${name}=[name=${username},password=${password}]'`);
  const format = `${run} kafka.tools.StorageTool format --ignore-formatted -t ${CLUSTER} -c server.properties ${sasl === true ? users.join(' ') : ''}`;
  return `[ -e data ] || ${format} || exit 1; exec ${run} kafka.Kafka server.properties`;
}

const launchOne = (command: string, options: KafkaOptions): Promise<NativeProcess<About>> =>
  launch(command, options, async () => {
    const [node] = (await placesOf(1, options)) as [KafkaNode];
    return { node, cluster: [node] };
  });

/** All at once: none is ready before a majority of the controllers is. Their ports are known to each other, so they are picked once. */
async function launchCluster(command: string, options: KafkaOptions): Promise<readonly NativeProcess<About>[]> {
  const cluster = await placesOf(3, options);
  const outcomes = await Promise.allSettled(cluster.map((node) => launch(command, options, async () => ({ node, cluster }))));
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return started;
  await Promise.all(started.map((each) => each.dispose()));
  throw failed.reason;
}

const launch = (
  command: string,
  options: KafkaOptions,
  place: () => Promise<{ readonly node: KafkaNode; readonly cluster: readonly KafkaNode[] }>,
): Promise<NativeProcess<About>> =>
  NativeProcess.launch('kafka', async (directory) => {
    const { node, cluster } = await place();
    const certificates = options.tls === undefined ? undefined : await makeCertificates(directory);
    if (certificates !== undefined) {
      const { cert, key } = certificates.server;
      await writeFile(join(directory, 'server-both.pem'), `${key}${cert}`, { mode: 0o600 });
    }
    await writeFile(join(directory, 'server.properties'), kafkaProperties(node, cluster, directory, options));
    return {
      command: '/bin/sh',
      args: ['-c', command],
      env: bareEnvironment(directory),
      about: { node, certificates },
      ready: /Kafka Server started/,
      cleanup: '',
      startTimeoutMs: START_MS,
      stopTimeoutMs: STOP_MS,
    };
  });

/** Free ports for so many nodes, all different. */
async function placesOf(count: number, { links = 0 }: KafkaOptions): Promise<readonly KafkaNode[]> {
  const ids = Array.from({ length: count }, (_, index) => index + 1);
  const indices = Array.from({ length: links }, (_, index) => index);
  const own = ids.flatMap((id) => [`port${id}`, `controller${id}`, `tls${id}`, `sasl${id}`]);
  const ports = await freePorts(...own, ...indices.flatMap((index) => [`link${index}`, `told${index}`]));
  const port = (name: string): number => ports[name] as number;
  return ids.map((id) => ({
    id,
    port: port(`port${id}`),
    controllerPort: port(`controller${id}`),
    tlsPort: port(`tls${id}`),
    saslPort: port(`sasl${id}`),
    links: indices.map((index) => ({ port: port(`link${index}`), advertisedPort: port(`told${index}`) })),
  }));
}

function describe(
  about: Pick<Kafka, 'how' | 'brokers' | 'version' | 'control' | 'dispose'> &
    Partial<Pick<Kafka, 'nodes' | 'tls' | 'login' | 'links'>>,
): Kafka {
  return {
    available: true,
    name: 'kafka',
    url: `kafka://${about.brokers[0]}`,
    admin: undefined,
    nodes: [],
    tls: undefined,
    login: undefined,
    links: [],
    ...about,
    [Symbol.asyncDispose]: about.dispose,
  };
}
