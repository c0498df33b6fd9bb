import type { Readable } from 'node:stream';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { heeding } from './heeding.js';
import type { ResolvedOptions } from './store-options.js';

/** An object, by what the calls below name it. */
interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

/** What this package uses of S3. A call ends when its signal aborts, a body's stream as well. Rejects with what the AWS SDK gives. */
export interface S3Client {
  put(object: ObjectName & { readonly body: Uint8Array; readonly contentType: string }, signal: AbortSignal): Promise<void>;
  /** `bytes`: what the answer says of its length. */
  get(
    object: ObjectName,
    signal: AbortSignal,
  ): Promise<{ readonly body: AsyncIterable<Uint8Array>; readonly bytes: number | undefined }>;
  delete(object: ObjectName, signal: AbortSignal): Promise<void>;
  /** Closes its sockets, whatever runs. */
  close(): void;
}

/** Connections at one time: as many as fetches of busy consumers need. */
const SOCKETS = 256;

/** Makes a client; loads the AWS SDK. Opens nothing. */
export async function openClient(options: ResolvedOptions): Promise<S3Client> {
  const sdk = await import('@aws-sdk/client-s3');
  const { serverSideEncryption, kmsKeyId } = options;
  const client = new sdk.S3Client(configOf(options));
  return {
    async put({ bucket, key, body, contentType }, abortSignal) {
      const command = new sdk.PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentType: contentType,
        ServerSideEncryption: serverSideEncryption,
        SSEKMSKeyId: kmsKeyId,
      });
      await heeding(abortSignal, client.send(command, { abortSignal }));
    },
    async get({ bucket, key }, abortSignal) {
      const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: key });
      const { Body, ContentLength } = await heeding(abortSignal, client.send(command, { abortSignal }));
      const body = Body as Readable;
      body.on('error', () => undefined); // whoever reads it is told; where nobody does, it must not end the process
      return { body, bytes: ContentLength };
    },
    async delete({ bucket, key }, abortSignal) {
      const command = new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key });
      await heeding(abortSignal, client.send(command, { abortSignal }));
    },
    close: () => client.destroy(),
  };
}

function configOf(options: ResolvedOptions): S3ClientConfig {
  const { region, endpoint, credentials, forcePathStyle, maxAttempts, connectTimeoutMs, idleTimeoutMs } = options;
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    forcePathStyle,
    maxAttempts,
    followRegionRedirects: false, // a bucket stands where the options say
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      socketTimeout: idleTimeoutMs,
      httpAgent: { maxSockets: SOCKETS, keepAlive: true },
      httpsAgent: { maxSockets: SOCKETS, keepAlive: true },
    },
  };
}
