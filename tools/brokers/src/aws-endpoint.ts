import { within } from './deadline.js';

/** Nothing can be set. */
export type AwsOptions = Readonly<Record<never, never>>;

/** What a client signs its requests with. The embedded emulator takes any. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What a client of AWS needs besides the URL. */
export interface AwsEndpoint {
  readonly region: string;
  readonly credentials: AwsCredentials;
}

const ANSWER_MS = 5_000;

/** Region and credentials of the environment, else us-east-1 and a dummy pair. */
export function endpointOf(environment: NodeJS.ProcessEnv): AwsEndpoint {
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  return {
    region: AWS_REGION ?? 'us-east-1',
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID ?? 'test',
      secretAccessKey: AWS_SECRET_ACCESS_KEY ?? 'test',
      ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
    },
  };
}

/**
 * Resolves when HTTP is answered at all: an endpoint refuses what nobody has signed.
 * @throws Error that names the environment variable the URL came from
 */
export async function answers(url: string, variable: string): Promise<void> {
  try {
    const answer = await within(ANSWER_MS, 'an answer', fetch(url));
    await answer.body?.cancel();
  } catch (cause) {
    throw new Error(`nothing answers at ${variable}, ${url}`, { cause });
  }
}
