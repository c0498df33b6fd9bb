import type { BaseOptions, ConnectionPool } from '@platformatic/kafka';
import type { ResolvedOptions } from '../../options.js';
import { brokersOf } from '../brokers.js';

/** Tries of one call besides the first: they end within seconds, as the core has its own. */
const RETRIES = 5;

/** Ms before the next try: 100, then twice as long each time, at most 1,000. */
export const delayOf = (attempt: number): number => Math.min(1_000, 100 * 2 ** (attempt - 1));

/** What every client of the library is given. */
export function connectionOf(options: ResolvedOptions, clientId: string): BaseOptions {
  const { ca, cert, key, passphrase } = options;
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...(passphrase && { passphrase }) };
  const secure = options.tls ?? (ca !== undefined || cert !== undefined);
  const sasl = login(options);
  return {
    clientId,
    bootstrapBrokers: [...brokersOf(options.url)],
    connectTimeout: options.connectTimeoutMs,
    requestTimeout: options.requestTimeoutMs,
    timeout: options.requestTimeoutMs,
    retries: RETRIES,
    retryDelay: (_client, _operation, attempt) => delayOf(attempt),
    ...(secure ? { tls } : {}),
    ...(sasl === undefined ? {} : { sasl }),
  };
}

function login({ token, username, password = '', mechanism }: ResolvedOptions): BaseOptions['sasl'] {
  if (token !== undefined) {
    const provide = async (): Promise<string> => {
      const given = await token();
      return typeof given === 'string' ? given : given.token;
    };
    return { mechanism: 'OAUTHBEARER', token: provide };
  }
  if (username === undefined) return undefined;
  return { mechanism: MECHANISMS[mechanism], username, password };
}

const MECHANISMS = { plain: 'PLAIN', 'scram-sha-256': 'SCRAM-SHA-256', 'scram-sha-512': 'SCRAM-SHA-512' } as const;

/**
 * Whoever waits for a connection hears of its errors. What comes later, such as a reset behind a refused login, is emitted where
 * nobody listens, and would end the process.
 */
export function guard<C extends { readonly connections: ConnectionPool }>(client: C): C {
  client.connections.on('connecting', ({ connection }) => connection.on('error', () => {}));
  return client;
}

/** Closes the sockets of a client that could not be closed in order, or has no time to. */
export function cut({ connections }: { readonly connections: ConnectionPool }): void {
  for (const [, connection] of connections) connection.socket?.destroy();
  void connections.close().catch(() => undefined);
}

/** The library says in words alone which topic is not there; this says it by Kafka's name. */
export function named(error: unknown): unknown {
  const isUnknown = error instanceof Error && /^Unknown topic /.test(error.message);
  return isUnknown ? Object.assign(error, { apiId: 'UNKNOWN_TOPIC_OR_PARTITION' }) : error;
}
