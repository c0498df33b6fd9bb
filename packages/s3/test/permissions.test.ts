import { describe, expect, test } from 'vitest';
import { s3Store } from '../src/index.js';

const everything = { writes: true, reads: true, deletes: true };

interface Policy {
  readonly Statement: readonly { readonly Action: readonly string[]; readonly Resource: readonly string[] }[];
}

/** By role, what is allowed on what. */
function policies(options: Parameters<typeof s3Store>[0], uses = everything) {
  const permissions = s3Store(options).permissions?.(uses) ?? [];
  return permissions.map(({ role, text }) => ({
    role,
    allowed: (JSON.parse(text) as Policy).Statement.map(({ Action, Resource }) => [Action.join(' '), ...Resource]),
  }));
}

describe('permissions', () => {
  test('are for exact prefixes, where it writes and where it reads', () => {
    const buckets = ['payloads/orders/', 'partners'];
    expect(policies({ bucket: 'payloads', prefix: 'orders/', buckets, region: 'eu-west-1' })).toEqual([
      { role: 'produce', allowed: [['s3:PutObject s3:DeleteObject', 'arn:aws:s3:::payloads/orders/*']] },
      {
        role: 'consume',
        allowed: [
          ['s3:GetObject s3:DeleteObject', 'arn:aws:s3:::payloads/orders/*', 'arn:aws:s3:::partners/*'],
          ['s3:ListBucket', 'arn:aws:s3:::payloads', 'arn:aws:s3:::partners'],
        ],
      },
    ]);
  });

  test('have no more than what the app does', () => {
    expect(policies({ bucket: 'payloads' }, { writes: true, reads: false, deletes: false }).map(({ role }) => role)).toEqual([
      'produce',
    ]);
    const [reading] = policies({ bucket: 'payloads' }, { writes: false, reads: true, deletes: false });
    expect(reading).toMatchObject({
      role: 'consume',
      allowed: [
        ['s3:GetObject', 'arn:*:s3:::payloads/*'],
        ['s3:ListBucket', 'arn:*:s3:::payloads'],
      ],
    });
  });

  test.each([
    ['abc-1', 'us-gov-west-1', 'arn:aws-us-gov:kms:us-gov-west-1:*:key/abc-1'],
    ['alias/orders', 'cn-north-1', 'arn:aws-cn:kms:cn-north-1:*:key/*'],
    ['arn:aws:kms:eu-west-1:1:key/abc', 'eu-west-1', 'arn:aws:kms:eu-west-1:1:key/abc'],
  ])('name the key %s in %s', (kmsKeyId, region, arn) => {
    const [produce, consume] = policies({ bucket: 'payloads', region, kmsKeyId });
    expect(produce?.allowed.at(-1)).toEqual(['kms:GenerateDataKey', arn]);
    expect(consume?.allowed.at(-1)).toEqual(['kms:Decrypt', arn]);
  });

  test('of an access point are on its objects', () => {
    const point = 'arn:aws:s3:eu-west-1:123456789012:accesspoint/orders';
    const [produce, consume] = policies({ bucket: point, prefix: 'a/' });
    expect(produce?.allowed[0]?.[1]).toBe(`${point}/object/a/*`);
    expect(consume?.allowed).toEqual([
      ['s3:GetObject s3:DeleteObject', `${point}/object/a/*`],
      ['s3:ListBucket', point],
    ]);
  });
});
