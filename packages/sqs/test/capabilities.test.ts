import type { Capabilities, Feature } from '@omnibus/core/transport';
import { describe, expect, it } from 'vitest';
import { sqsCapabilities } from '../src/capabilities.js';
import { sqsPermissions } from '../src/policy.js';
import { channel, subscription, topology } from './messages.js';

const standard = channel();
const fifo = channel({ ordered: true });
const features = ({ native }: Capabilities): readonly string[] => Object.keys(native).toSorted();

describe('capabilities', () => {
  const of = sqsCapabilities();

  it('of both types of queue differ by order and delay', () => {
    const both: readonly Feature[] = [
      'receive',
      'settleEach',
      'retry',
      'retryDelay',
      'release',
      'lock',
      'headers',
      'durable',
      'temporary',
    ];
    expect(features(of(subscription(standard)))).toEqual([...both, 'delay'].toSorted());
    expect(features(of(subscription(fifo)))).toEqual([...both, 'ordering', 'dedup'].toSorted());
  });

  it('keep within what SQS takes', () => {
    const { native, limits } = of(standard);
    expect(native).toMatchObject({ delay: 900_000, lock: 43_200_000, retryDelay: 39_600_000 });
    expect(limits).toMatchObject({ sendBatch: 10, receiveBatch: 10, receiveCalls: 16, settleBatch: 10, holdMs: 43_200_000 });
    expect(limits).toMatchObject({ batchFailure: 'each', body: 'text', lingerMs: 5, delayStepMs: 1_000, sendBytes: 1_048_064 });
    expect(limits.headers).toMatchObject({ count: 8, empty: false });
  });

  it('take names that attributes may have, and no others', () => {
    const { name } = of(standard).limits.headers;
    for (const good of ['tenant', 'x-priority', 'a.b', 'AWSx', 'x'.repeat(256)]) expect(good).toMatch(name);
    const bad = [
      '',
      '.a',
      'a.',
      'a..b',
      'AWS.a',
      'aws.a',
      'Amazon.a',
      'a b',
      'é',
      '__proto__',
      'omnibus-envelope',
      'x'.repeat(257),
    ];
    for (const one of bad) expect(one).not.toMatch(name);
  });

  it('leave retries to copies where only failures are to count', () => {
    const copying = sqsCapabilities({ retry: 'copy' });
    expect(features(copying(subscription(standard)))).not.toContain('retry');
    expect(copying(subscription(standard)).caveats.join()).not.toMatch(/counts as delivered/);
    expect(features(copying(subscription(fifo)))).toContain('retry');
  });

  it('say what is good to know before it runs', () => {
    expect(of(subscription(standard)).caveats.join()).toMatch(/counts as delivered once more.*12 h/);
    expect(of(subscription(fifo)).caveats.join()).toMatch(/over 30 s, what follows in its key.*FIFO/);
    expect(of(standard).caveats).toEqual([]);
    expect(sqsCapabilities({ fairQueues: true })(standard).caveats.join()).toMatch(/fair queues cost more/);
  });
});

describe('permissions', () => {
  interface Statement {
    readonly Action: readonly string[];
    readonly Resource: readonly string[];
  }
  const statements = (text: string): readonly Statement[] => (JSON.parse(text) as { Statement: Statement[] }).Statement;
  const parse = (text: string): Statement => statements(text)[0]!;
  const sending = (...addresses: readonly string[]) => ({
    channels: addresses.map((address) => channel({ address })),
    replies: false,
  });
  const wanted = {
    ...topology([channel({ address: 'out' })], [subscription(fifo)]),
    deadLetters: [channel({ address: 'orders.dead' })],
  };
  const redrives = { from: wanted.deadLetters, to: [channel({ address: 'orders', ordered: true })] };
  const none = { from: [], to: [] };

  it('are the least for each role, on exactly the queues that it names', () => {
    const all = sqsPermissions(
      wanted,
      sending('out', 'orders.dead'),
      redrives,
      { region: 'eu-west-1', accountId: '123456789012' },
      'i',
    );
    const byRole = Object.fromEntries(all.map(({ role, text }) => [role, parse(text)]));
    const arn = 'arn:aws:sqs:eu-west-1:123456789012';
    expect(byRole['produce']).toMatchObject({
      Action: ['sqs:GetQueueUrl', 'sqs:SendMessage'],
      Resource: [`${arn}:orders--dead`, `${arn}:out`],
    });
    expect(byRole['consume']).toMatchObject({
      Action: ['sqs:GetQueueUrl', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
      Resource: [`${arn}:orders.fifo`],
    });
    expect(byRole['provision']?.Resource).toEqual([
      `${arn}:orders--dead`,
      `${arn}:orders--dead.fifo`,
      `${arn}:orders.fifo`,
      `${arn}:out`,
      `${arn}:out--dead`,
    ]);
    expect(byRole['provision']?.Action).not.toContain('sqs:TagQueue');
    expect(statements(all.find(({ role }) => role === 'redrive')?.text ?? '')).toMatchObject([
      { Action: byRole['consume']?.Action, Resource: [`${arn}:orders--dead`] },
      { Action: byRole['produce']?.Action, Resource: [`${arn}:orders.fifo`] },
    ]);
  });

  it('leave open what the options do not say, and name the partition of the region', () => {
    const [produce] = sqsPermissions(topology([standard]), sending('orders'), none, {}, 'i');
    expect(parse(produce?.text ?? '').Resource).toEqual(['arn:*:sqs:*:*:orders']);
    const [chinese] = sqsPermissions(
      topology([standard]),
      sending('orders'),
      none,
      { region: 'cn-north-1', tags: { a: 'b' } },
      'i',
    );
    expect(parse(chinese?.text ?? '').Resource).toEqual(['arn:aws-cn:sqs:cn-north-1:*:orders']);
  });

  it('include the key that queues are encrypted with', () => {
    const key = 'arn:aws:kms:eu-west-1:1:key/abc';
    const keys = sqsPermissions(wanted, sending('out'), redrives, { kmsKeyId: key }, 'i').map(({ text }) =>
      statements(text).find(({ Resource }) => Resource.includes(key)),
    );
    expect(keys).toEqual([
      { Effect: 'Allow', Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Resource: [key] },
      { Effect: 'Allow', Action: ['kms:Decrypt'], Resource: [key] },
      undefined,
      { Effect: 'Allow', Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Resource: [key] },
    ]);
    const [alias] = sqsPermissions(wanted, sending('out'), redrives, { kmsKeyId: 'alias/orders', region: 'eu-west-1' }, 'i');
    expect(alias?.text).toContain('arn:aws:kms:eu-west-1:*:key/*');
  });

  it('let whoever answers write to reply queues, and whoever has temporary ones delete them, whatever the instance', () => {
    const replies = channel({ address: 'shop.replies.i-1', temporary: true });
    const wants = topology([replies], [{ ...subscription(replies), temporary: true }]);
    const [produce, consume, provision] = sqsPermissions(wants, { channels: [], replies: true }, none, {}, 'i-1');
    expect(parse(produce?.text ?? '').Resource).toEqual(['arn:*:sqs:*:*:*--replies--*']);
    expect(parse(consume?.text ?? '').Resource).toEqual(['arn:*:sqs:*:*:shop--replies--*']);
    expect(statements(provision?.text ?? '').map(({ Action, Resource }) => [Action.at(-1), Resource])).toEqual([
      ['sqs:CreateQueue', ['arn:*:sqs:*:*:shop--replies--*']],
      ['sqs:DeleteQueue', ['arn:*:sqs:*:*:shop--replies--*']],
    ]);
  });

  it('leave out roles that a topology does not have', () => {
    expect(sqsPermissions(topology([standard]), sending('orders'), none, {}, 'i').map(({ role }) => role)).toEqual([
      'produce',
      'provision',
    ]);
  });
});
