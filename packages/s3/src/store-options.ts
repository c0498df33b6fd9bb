import { MessagingError } from '@omnibus/core';

/** An AWS login. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
  /** When they end; what gives them is asked again before that. */
  readonly expiration?: Date;
}

/** Where bodies are kept, and who may read what. */
export interface S3StoreOptions {
  /** Name of the bucket that bodies are written to. It must exist. */
  readonly bucket: string;
  /**
   * What every key begins with, `payloads/` for example; a UUID follows. At most 988 of `A-Z a-z 0-9 . / _ -`, not beginning with
   * `.` or `/`, and without `..`, as in the SQS Extended Client. Default: none.
   */
  readonly prefix?: string | undefined;
  /**
   * Where pointers may lead, as `bucket` or `bucket/prefix`: a pointer is input from outside, and what it names is read with this
   * service's rights. What it may not name is refused, and the message is a dead letter (`claim-refused`). Default: what this
   * store writes, its bucket and prefix. Name the others' here where they write elsewhere.
   */
  readonly buckets?: readonly string[] | undefined;
  /** AWS region of the bucket. Default: what the AWS SDK finds (`AWS_REGION`, the profile). */
  readonly region?: string | undefined;
  /** URL that all calls go to: an emulator, MinIO, a VPC endpoint. Default: AWS's own for the region. */
  readonly endpoint?: string | undefined;
  /** The bucket's name stands in the path instead of the host. Default: true with an `endpoint`, else false. */
  readonly forcePathStyle?: boolean | undefined;
  /** The login, or a function that gives it and is asked again when it has ended. Default: what the AWS SDK finds (environment, profile, role). */
  readonly credentials?: AwsCredentials | (() => Promise<AwsCredentials>) | undefined;
  /** How objects are encrypted. Default: as the bucket says (`AES256` where it says nothing). */
  readonly serverSideEncryption?: 'AES256' | 'aws:kms' | 'aws:kms:dsse' | undefined;
  /** KMS key (id, alias or ARN); says `aws:kms` where nothing else is said. Default: the bucket's. */
  readonly kmsKeyId?: string | undefined;
  /** Tries of one call, the first included; the AWS SDK waits between them. Default: 3. A body that breaks off is not asked for again here. */
  readonly maxAttempts?: number | undefined;
  /** Ms until a connection stands. Default: 5,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Ms that a connection may be silent within a call. Default: 10,000. How long a call may take in all is the claim check's to say. */
  readonly idleTimeoutMs?: number | undefined;
}

/** The options with every default filled in; what has none may be undefined. */
export interface ResolvedOptions {
  readonly bucket: string;
  readonly prefix: string;
  readonly buckets: readonly string[];
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly forcePathStyle: boolean;
  readonly credentials: S3StoreOptions['credentials'];
  readonly serverSideEncryption: S3StoreOptions['serverSideEncryption'];
  readonly kmsKeyId: string | undefined;
  readonly maxAttempts: number;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

const PREFIX = /^(?![./])(?!.*\.\.)[A-Za-z0-9./_-]{0,988}$/;
/** A bucket's name, the alias of an access point, or the ARN of one. */
const BUCKET = /^(?:[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]|arn:[\w:./-]{1,2000})$/i;

/** Checks options and fills in defaults. @throws MessagingError CONFIG. */
export function resolve(options: S3StoreOptions): ResolvedOptions {
  const { bucket, prefix = '', endpoint, kmsKeyId, serverSideEncryption } = options;
  const { maxAttempts = 3, connectTimeoutMs = 5_000, idleTimeoutMs = 10_000 } = options;
  if (typeof bucket !== 'string' || !BUCKET.test(bucket))
    refuse(`bucket is ${JSON.stringify(bucket)}, which is no bucket's name`);
  if (!PREFIX.test(prefix))
    refuse(
      `prefix is ${JSON.stringify(prefix)}; at most 988 of A-Z a-z 0-9 . / _ - are taken, no . or / at the beginning, no ..`,
    );
  if (kmsKeyId !== undefined && serverSideEncryption === 'AES256')
    refuse('kmsKeyId needs serverSideEncryption aws:kms or aws:kms:dsse');
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1)
    refuse(`maxAttempts is ${maxAttempts}; it must be a whole number, 1 or more`);
  for (const [name, ms] of Object.entries({ connectTimeoutMs, idleTimeoutMs }))
    if (!(ms >= 1 && ms <= 600_000)) refuse(`${name} is ${ms}; it must be 1 to 600,000 ms`);
  return Object.freeze({
    bucket,
    prefix,
    buckets: options.buckets ?? [`${bucket}/${prefix}`],
    region: options.region,
    endpoint,
    forcePathStyle: options.forcePathStyle ?? endpoint !== undefined,
    credentials: options.credentials,
    serverSideEncryption: serverSideEncryption ?? (kmsKeyId === undefined ? undefined : 'aws:kms'),
    kmsKeyId,
    maxAttempts,
    connectTimeoutMs,
    idleTimeoutMs,
  });
}

function refuse(what: string): never {
  throw new MessagingError('CONFIG', `s3Store: ${what}`);
}
