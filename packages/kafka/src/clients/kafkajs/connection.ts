import type { ISocketFactory, Kafka, KafkaConfig, SASLOptions } from 'kafkajs';
import type { ResolvedOptions } from '../../options.js';
import { brokersOf } from '../brokers.js';

/** Loaded by whoever connects first. CommonJS: Node.js sees none of its names. */
export const library = async () => (await import('kafkajs')).default;

/** The retries of kafkajs inside one call: they end within seconds, as the core has its own. */
export const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2, retries: 5 } as const;

const SILENT = (): (() => void) => () => {};

/** A client for one end: kafkajs shares what it knows of offsets between the consumers of one client. */
export async function clientOf(options: ResolvedOptions, clientId: string, socketFactory?: ISocketFactory): Promise<Kafka> {
  const { ca, cert, key, passphrase } = options;
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...(passphrase && { passphrase }) };
  const secure = options.tls ?? (ca !== undefined || cert !== undefined);
  const sasl = login(options);
  const config: KafkaConfig = {
    clientId,
    brokers: [...brokersOf(options.url)],
    connectionTimeout: options.connectTimeoutMs,
    authenticationTimeout: options.connectTimeoutMs,
    requestTimeout: options.requestTimeoutMs,
    retry: RETRY,
    logCreator: SILENT,
    ...(secure ? { ssl: tls } : {}),
    ...(sasl === undefined ? {} : { sasl }),
    ...(socketFactory && { socketFactory }),
  };
  const { Kafka } = await library();
  return new Kafka(config);
}

function login({ token, username, password = '', mechanism }: ResolvedOptions): SASLOptions | undefined {
  if (token !== undefined) {
    const oauthBearerProvider = async (): Promise<{ value: string }> => {
      const given = await token();
      return { value: typeof given === 'string' ? given : given.token };
    };
    return { mechanism: 'oauthbearer', oauthBearerProvider };
  }
  return username === undefined ? undefined : { mechanism, username, password };
}
