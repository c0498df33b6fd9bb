import { randomUUID } from 'node:crypto';
import type { ClaimStore } from '@omnibus/core';
import { readBody } from './body.js';
import { connection } from './connection.js';
import { s3Error } from './errors.js';
import { s3Permissions } from './permissions.js';
import { allow, shown } from './pointers.js';
import { resolve, type S3StoreOptions } from './store-options.js';

/**
 * Keeps large payloads in an S3 bucket, each as one object under a UUID, as the SQS and SNS Extended Clients do. Loads the AWS SDK
 * with its first call, and makes neither buckets nor lifecycle rules.
 * @throws MessagingError CONFIG for options that cannot be meant. Its calls reject with NOT_FOUND (the object is gone), DENIED,
 * TOPOLOGY (no such bucket there), INVALID (a pointer that may not be followed, an archived object), TOO_LARGE, THROTTLED, TIMEOUT,
 * CONNECTION.
 */
export function s3Store(options: S3StoreOptions): ClaimStore {
  const resolved = resolve(options);
  const { bucket, prefix } = resolved;
  const s3 = connection(resolved);
  const mayRead = allow(resolved.buckets);

  return Object.freeze<ClaimStore>({
    name: `s3://${bucket}/${prefix}`,
    permissions: (uses) => s3Permissions(uses, resolved),
    async put(body, { signal, contentType }) {
      const key = `${prefix}${randomUUID()}`;
      try {
        await s3.use((client) => client.put({ bucket, key, body, contentType }, signal));
      } catch (error) {
        throw signal.aborted ? signal.reason : s3Error('write', shown(bucket, key), error);
      }
      return { bucket, key };
    },
    async get(pointer, { signal, maxBytes }) {
      mayRead(pointer);
      const where = shown(pointer.bucket, pointer.key);
      const enough = new AbortController(); // closes the connection of a body that is not read to its end
      const until = AbortSignal.any([signal, enough.signal]);
      try {
        return await s3.use(async (client) => {
          const { body, bytes } = await client.get(pointer, until);
          return readBody(body, bytes, maxBytes, where);
        });
      } catch (error) {
        enough.abort();
        throw signal.aborted ? signal.reason : s3Error('read', where, error);
      }
    },
    async delete(pointer, { signal }) {
      mayRead(pointer);
      try {
        await s3.use((client) => client.delete(pointer, signal));
      } catch (error) {
        throw signal.aborted ? signal.reason : s3Error('delete', shown(pointer.bucket, pointer.key), error);
      }
    },
    close: () => s3.close(),
  });
}
