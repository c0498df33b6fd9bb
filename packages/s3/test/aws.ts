import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type {} from '@omnibus/brokers/vitest-setup';
import type { ClaimStore } from '@omnibus/core';
import { inject, onTestFinished, type ProvidedContext } from 'vitest';
import { type S3StoreOptions, s3Store } from '../src/index.js';

/** The endpoint of this run. */
export const aws: ProvidedContext['aws'] = inject('aws');

/** Behind the name of a suite that could not be run. */
export const notRun = aws.available ? '' : ` [not run: ${aws.reason}]`;

const access = aws.available
  ? { endpoint: aws.url, region: aws.region, credentials: aws.credentials }
  : { endpoint: 'http://127.0.0.1:1', region: 'none', credentials: { accessKeyId: '', secretAccessKey: '' } };

/** A bucket of this test alone, and a look at it beside the store. */
export interface Bucket {
  readonly name: string;
  put(key: string, body: string): Promise<void>;
  text(key: string): Promise<string>;
  keys(): Promise<readonly string[]>;
}

export async function bucket(): Promise<Bucket> {
  const name = `omnibus-${randomUUID()}`;
  const client = new S3Client({ ...access, forcePathStyle: true });
  onTestFinished(() => client.destroy());
  await client.send(new CreateBucketCommand({ Bucket: name }));
  return {
    name,
    put: async (Key, Body) => void (await client.send(new PutObjectCommand({ Bucket: name, Key, Body }))),
    text: async (Key) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: name, Key }));
      return (await Body?.transformToString()) ?? '';
    },
    keys: async () => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: name }));
      return Contents.map(({ Key = '' }) => Key);
    },
  };
}

/** A store of this test, closed when it is over. */
export function store(options: Partial<S3StoreOptions> & Pick<S3StoreOptions, 'bucket'>): ClaimStore {
  const made = s3Store({ ...access, ...options });
  onTestFinished(() => made.close?.());
  return made;
}

/** What a call is told when nothing else matters. */
export const calm = (): { signal: AbortSignal; maxBytes: number; contentType: string } => ({
  signal: new AbortController().signal,
  maxBytes: 1_000_000,
  contentType: 'application/json',
});
