import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AwsEndpoint, type AwsOptions, answers, endpointOf } from './aws-endpoint.js';
import { bareEnvironment } from './command.js';
import { findJava, type JarSet, jarsOf } from './maven.js';
import { NativeProcess } from './native-process.js';
import { freePorts } from './ports.js';
import type { Broker, Recipe } from './recipe.js';

/** A second opinion on SQS. Queues, messages and those in flight outlive stop, kill and restart. */
export interface ElasticMq extends Broker, AwsEndpoint {
  readonly name: 'elasticmq';
}

const VERSION = '1.7.1';

/** ElasticMQ (Apache-2.0) with its server. */
export const elasticMqJars: JarSet = { name: 'elasticmq', artifacts: [`org.elasticmq:elasticmq-server_2.13:${VERSION}`] };

const START_MS = 60_000;
const STOP_MS = 20_000;
/** A small and quick start counts here: 2 s and 200 MB. */
const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'];

/** How an ElasticMQ is had. */
export const elasticmq: Recipe<AwsOptions, ElasticMq> = {
  name: 'elasticmq',
  variable: 'OMNIBUS_ELASTICMQ_URL',
  install: 'apt-get install default-jre-headless maven, then: node tools/brokers/dist/main.js',

  async attach(url) {
    await answers(url, 'OMNIBUS_ELASTICMQ_URL');
    return describe('environment', url, process.env, undefined);
  },

  async native() {
    if (process.platform === 'win32') return 'native processes need a POSIX shell';
    const command = findJava();
    if (command === undefined) return 'java is not installed';
    const jars = jarsOf(elasticMqJars);
    if (jars === undefined) return 'its jars have not been fetched';
    const broker = await NativeProcess.launch('elasticmq', async (directory) => {
      const { port } = await freePorts('port');
      const configuration = join(directory, 'elasticmq.conf');
      await writeFile(configuration, configurationOf(port, directory));
      const settings = [`-Djava.io.tmpdir=${directory}`, `-Dconfig.file=${configuration}`];
      return {
        command,
        args: [...JVM, ...settings, '-cp', join(jars, '*'), 'org.elasticmq.server.Main'],
        env: bareEnvironment(directory),
        about: `http://127.0.0.1:${port}`,
        ready: /Started SQS rest server/,
        cleanup: '',
        startTimeoutMs: START_MS,
        stopTimeoutMs: STOP_MS,
      };
    });
    return describe('native', broker.about, {}, broker);
  },
};

/** WRITE_DELAY=0: the database writes each change before it is answered, and not up to 500 ms later. */
function configurationOf(port: number, directory: string): string {
  const database = `jdbc:h2:${join(directory, 'messages')};WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE`;
  return `
node-address { host = "127.0.0.1", port = ${port} }
rest-sqs { bind-hostname = "127.0.0.1", bind-port = ${port}, sqs-limits = strict }
aws { region = "us-east-1", accountId = "000000000000" }
messages-storage { enabled = true, uri = "${database}" }
`;
}

function describe(
  how: 'environment' | 'native',
  url: string,
  environment: NodeJS.ProcessEnv,
  broker: NativeProcess<string> | undefined,
): ElasticMq {
  const dispose = async (): Promise<void> => broker?.dispose();
  return {
    available: true,
    name: 'elasticmq',
    how,
    url,
    ...endpointOf(environment),
    version: broker && VERSION,
    control: broker,
    admin: undefined,
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
