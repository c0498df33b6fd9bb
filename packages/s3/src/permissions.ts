import type { ClaimUses, Permission } from '@omnibus/core';
import { placesOf } from './pointers.js';
import type { ResolvedOptions } from './store-options.js';

interface Statement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** IAM policies for what an app does with its bucket, one a role, for exact prefixes. Without ListBucket S3 would not say that an object is gone. */
export function s3Permissions({ writes, reads, deletes }: ClaimUses, options: ResolvedOptions): readonly Permission[] {
  const { bucket, prefix, buckets, region, kmsKeyId } = options;
  const partition = partitionOf(region);
  const arn = (name: string): string => (name.startsWith('arn:') ? name : `arn:${partition}:s3:::${name}`);
  const objects = (name: string, under: string): string => `${arn(name)}${name.startsWith('arn:') ? '/object' : ''}/${under}*`;
  const key = (action: string): readonly Statement[] =>
    kmsKeyId === undefined ? [] : [allow([action], [keyArn(kmsKeyId, partition, region)])];
  const places = placesOf(buckets);
  const fetching = ['s3:GetObject', ...(deletes ? ['s3:DeleteObject'] : [])];
  const readable = places.map((place) => objects(place.bucket, place.prefix));
  const listed = [...new Set(places.map((place) => arn(place.bucket)))];
  return [
    // what was not sent in the end is deleted again
    ...role(writes, 'produce', [
      allow(['s3:PutObject', 's3:DeleteObject'], [objects(bucket, prefix)]),
      ...key('kms:GenerateDataKey'),
    ]),
    ...role(reads, 'consume', [allow(fetching, readable), allow(['s3:ListBucket'], listed), ...key('kms:Decrypt')]),
  ];
}

const allow = (Action: readonly string[], Resource: readonly string[]): Statement => ({ Effect: 'Allow', Action, Resource });

const role = (isNeeded: boolean, name: Permission['role'], Statement: readonly Statement[]): readonly Permission[] =>
  isNeeded ? [{ role: name, text: JSON.stringify({ Version: '2012-10-17', Statement }, undefined, 2) }] : [];

/** As far as the options say it. */
function partitionOf(region: string | undefined): string {
  if (region === undefined) return '*';
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** IAM knows no aliases of keys: then any key there. */
function keyArn(key: string, partition: string, region = '*'): string {
  if (key.startsWith('arn:') && !key.includes(':alias/')) return key;
  return `arn:${partition}:kms:${region}:*:key/${/^[\w-]+$/.test(key) ? key : '*'}`;
}
