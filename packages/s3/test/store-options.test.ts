import { describe, expect, test } from 'vitest';
import { allow } from '../src/pointers.js';
import { resolve } from '../src/store-options.js';

describe('options of an S3 store', () => {
  test('have defaults', () => {
    expect(resolve({ bucket: 'payloads' })).toEqual({
      bucket: 'payloads',
      prefix: '',
      buckets: ['payloads/'],
      region: undefined,
      endpoint: undefined,
      forcePathStyle: false,
      credentials: undefined,
      serverSideEncryption: undefined,
      kmsKeyId: undefined,
      maxAttempts: 3,
      connectTimeoutMs: 5_000,
      idleTimeoutMs: 10_000,
    });
    expect(resolve({ bucket: 'payloads', endpoint: 'http://x' }).forcePathStyle).toBe(true);
    expect(resolve({ bucket: 'payloads', kmsKeyId: 'k' }).serverSideEncryption).toBe('aws:kms');
    expect(resolve({ bucket: 'payloads', prefix: 'a/' }).buckets).toEqual(['payloads/a/']);
  });

  test.each(['payloads', 'arn:aws:s3:eu-west-1:123456789012:accesspoint/payloads'])('let %s read what it writes', (bucket) => {
    const mayRead = allow(resolve({ bucket, prefix: 'a/' }).buckets);
    expect(() => mayRead({ bucket, key: 'a/1' })).not.toThrow();
    expect(() => mayRead({ bucket, key: 'b/1' })).toThrow(expect.objectContaining({ code: 'INVALID' }));
    const all = allow(resolve({ bucket }).buckets);
    expect(() => all({ bucket, key: 'b/1' })).not.toThrow();
  });

  test.each([
    [{ bucket: '' }, 'bucket'],
    [{ bucket: 'a/b' }, 'bucket'],
    [{ bucket: 'ok1', prefix: '/a' }, 'prefix'],
    [{ bucket: 'ok1', prefix: './a' }, 'prefix'],
    [{ bucket: 'ok1', prefix: 'a/../b' }, 'prefix'],
    [{ bucket: 'ok1', prefix: 'ä' }, 'prefix'],
    [{ bucket: 'ok1', prefix: 'a'.repeat(989) }, 'prefix'],
    [{ bucket: 'ok1', kmsKeyId: 'k', serverSideEncryption: 'AES256' }, 'kmsKeyId'],
    [{ bucket: 'ok1', maxAttempts: 0 }, 'maxAttempts'],
    [{ bucket: 'ok1', connectTimeoutMs: 0 }, 'connectTimeoutMs'],
    [{ bucket: 'ok1', idleTimeoutMs: Number.NaN }, 'idleTimeoutMs'],
  ] as const)('refuse %o', (options, name) => {
    expect(() => resolve(options)).toThrow(
      expect.objectContaining({ code: 'CONFIG', message: expect.stringContaining(name) as string }),
    );
  });
});
