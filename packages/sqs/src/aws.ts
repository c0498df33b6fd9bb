import { type Clock, MessagingError, textOf } from '@omnibus/core/transport';
import { within } from './deadline.js';
import { callError, isExpired, sqsError } from './errors.js';
import type { AwsCredentials, AwsOptions } from './options.js';

/*
 * What every AWS client of ours is made of, whichever service it speaks to: where it goes, who asks, how many sockets. It never
 * retries by itself.
 */

/** What a client's constructor of the AWS SDK is given. */
export interface AwsConfig {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: AwsCredentials | (() => Promise<AwsCredentials>);
  readonly maxAttempts: 1;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly httpAgent: object;
    readonly httpsAgent: object;
  };
}

/** What is used of any client of the AWS SDK. */
interface SdkClient {
  readonly middlewareStack: { remove(name: string): boolean };
  readonly config: {
    region(): Promise<string>;
    credentials(options?: { readonly forceRefresh?: boolean }): Promise<unknown>;
  };
  destroy(): void;
}

/** A client with what belongs to it. */
export interface Aws<C> {
  readonly client: C;
  readonly region: string;
  /**
   * What an error is where the credentials have expired: DENIED, to be tried again once they were asked for anew, for good where
   * they are fixed. Undefined for any other error.
   */
  readonly healing: (where: string, error: unknown) => Promise<MessagingError | undefined>;
}

const CONNECT_MS = 5_000;

/** Each open long poll holds one. */
const SOCKETS = { keepAlive: true, maxSockets: 1_000 } as const;

/** The configuration of a client from the options. Throws CONFIG for credentials that are none. */
function awsConfig({ region, endpoint, credentials }: AwsOptions): AwsConfig {
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials: checked(credentials) }),
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECT_MS, httpAgent: SOCKETS, httpsAgent: SOCKETS },
  };
}

/**
 * Opens a client made by `make`. Throws CONFIG where there is no region, DENIED where there are no credentials, TIMEOUT where whoever gives
 * them does not answer.
 */
export async function openAws<C extends SdkClient>(
  options: AwsOptions & { readonly callTimeoutMs: number },
  clock: Clock,
  make: (config: AwsConfig) => C,
): Promise<Aws<C>> {
  const client = make(awsConfig(options));
  client.middlewareStack.remove('loggerMiddleware'); // copies what each call says and hears for a log that nobody keeps
  const isFixed = typeof options.credentials === 'object';
  try {
    const region = await client.config.region().catch((error: unknown) => {
      throw sqsError('CONFIG', `there is no AWS region: set the option 'region' or AWS_REGION (${textOf(error)})`);
    });
    await within(clock, options.callTimeoutMs, 'asking for AWS credentials', undefined, () =>
      client.config.credentials().catch((error: unknown) => {
        throw deniedAtStart(error);
      }),
    );
    return { client, region, healing: (where, error) => healing(client, isFixed, where, error) };
  } catch (error) {
    client.destroy();
    throw error;
  }
}

function deniedAtStart(error: unknown): MessagingError {
  const text = textOf(error).split('\n')[0] ?? '';
  return sqsError('DENIED', `there are no AWS credentials: set the option 'credentials', the environment or a role (${text})`);
}

async function healing(client: SdkClient, isFixed: boolean, where: string, error: unknown): Promise<MessagingError | undefined> {
  if (!isExpired(error)) return undefined;
  if (isFixed)
    return sqsError('DENIED', `${where}: the credentials of the option 'credentials' have expired: give a function instead`);
  try {
    await client.config.credentials({ forceRefresh: true });
  } catch (cause) {
    return callError(`${where}: the credentials have expired`, cause);
  }
  return new MessagingError('DENIED', `${where}: the credentials had expired, and were asked for anew`, {
    cause: error,
    retryable: true,
  });
}

/** A copy each time: the SDK writes into what it is given, and a configuration is frozen. */
function checked(credentials: NonNullable<AwsOptions['credentials']>): NonNullable<AwsOptions['credentials']> {
  if (typeof credentials === 'function') return async () => ({ ...(await credentials()) });
  const { accessKeyId, secretAccessKey } = credentials;
  if (typeof accessKeyId === 'string' && typeof secretAccessKey === 'string') return { ...credentials };
  throw sqsError('CONFIG', "the option 'credentials' is neither { accessKeyId, secretAccessKey } nor a function that gives them");
}
