import { channel, subscription, topology } from '@omnibus/brokers/seam-objects';
import { createApp, message, queue, topic } from '@omnibus/core';
import { systemClock } from '@omnibus/core/transport';
import { describe, expect, it } from 'vitest';
import { snsCapabilities } from '../src/capabilities.js';
import { sns } from '../src/index.js';
import { DEFAULTS, type SnsOptions } from '../src/options.js';
import { snsTransport } from '../src/sns.js';

const anything = {
  '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value: value as { total: number } }) },
};
const Placed = message('order.placed', anything);
const Paid = message('order.paid', anything);
const Orders = topic('orders', { messages: [Placed, Paid], maxDelayMs: 3_600_000 });
const Alerts = topic('alerts', { messages: [Placed] });
const Parcels = queue('parcels', { messages: [Placed] });

const aws = (options: SnsOptions = {}) => sns({ region: 'eu-west-1', accountId: '123456789012', ...options });
const config = (options?: SnsOptions) => ({ name: 'shop', transports: { aws: aws(options) }, default: 'aws' as const });

interface Policy {
  readonly Statement: readonly { readonly Action: readonly string[]; readonly Resource: readonly string[] }[];
}

describe('the plan of an app on SNS', () => {
  it('has groups with all that their queues have, and a filter of their own', async () => {
    const app = await createApp({ config: config(), producers: [Orders, Parcels] });
    app.consumer(Orders, { group: 'shipping' }).handle(Placed, { where: { total: { gte: 1, lt: 9 } } }, () => {});
    const of = (endpoint: string, ruling: string) =>
      app.plan.rulings.filter((each) => each.endpoint === endpoint && each.ruling === ruling).map(({ feature }) => feature);
    expect(of('orders/shipping', 'native')).toEqual(['receive', 'durable', 'settleEach', 'retryDelay', 'filter']);
    expect(of('orders', 'emulate')).toContain('delay'); // SNS delays nothing
    expect(app.plan.rulings.filter(({ ruling }) => ruling === 'refuse')).toEqual([]);
    expect(app.plan.caveats).toContainEqual(expect.stringContaining('15 minutes'));
  });

  it('refuses to consume a topic whose receivers the options name, and says what to do', async () => {
    const subscriptions = { alerts: [{ protocol: 'sms', endpoint: '+15555550100' }] } as const;
    const app = await createApp({ config: config({ subscriptions }), producers: [Alerts] });
    app.consumer(Alerts, { group: 'pager' }).handle(Placed, () => {});
    await expect(app.start()).rejects.toMatchObject({
      code: 'CAPABILITY',
      message: expect.stringMatching(/consuming a topic.*alerts/s),
    });
    expect(app.plan.caveats).toContainEqual(expect.stringMatching(/'alerts'.*'subscriptions'.*take 'alerts' out of it/));
    expect(String(app.plan)).not.toContain('+1555');
  });

  it('says the least that each login must be allowed, for exact topics and queues', async () => {
    const app = await createApp({ config: config(), producers: [Orders, Parcels] });
    app.consumer(Orders, { group: 'shipping' }).handle(Placed, () => {});
    const statements = (role: string): Policy['Statement'] =>
      (JSON.parse(app.plan.permissions.find((each) => each.role === role)?.text ?? '{"Statement":[]}') as Policy).Statement;
    const of = (role: string, service: string) =>
      statements(role)
        .filter(({ Action }) => Action[0]!.startsWith(service))
        .map(({ Action, Resource }) => ({ Action, Resource }));
    expect(of('produce', 'sns:')).toEqual([
      { Action: ['sns:Publish', 'sns:GetTopicAttributes'], Resource: ['arn:aws:sns:eu-west-1:123456789012:orders'] },
    ]);
    expect(of('consume', 'sns:')).toEqual([]);
    expect(of('consume', 'sqs:')[0]?.Resource).toContain('arn:aws:sqs:eu-west-1:123456789012:orders--shipping');
    expect(of('redrive', 's').map(({ Action, Resource }) => [Action.at(-1), ...Resource])).toEqual([
      ['sqs:ChangeMessageVisibility', 'arn:aws:sqs:eu-west-1:123456789012:orders--shipping--dead'],
      ['sqs:SendMessage', 'arn:aws:sqs:eu-west-1:123456789012:orders--shipping'],
    ]);
    expect(of('provision', 'sns:')).toEqual([
      {
        Action: ['sns:CreateTopic', 'sns:GetTopicAttributes', 'sns:ListSubscriptionsByTopic', 'sns:Subscribe'],
        Resource: ['arn:aws:sns:eu-west-1:123456789012:orders'],
      },
      { Action: ['sns:GetSubscriptionAttributes', 'sns:SetSubscriptionAttributes'], Resource: ['*'] },
    ]);
  });
});

describe('permissions', () => {
  const transport = (options: SnsOptions) =>
    snsTransport({ ...DEFAULTS, ...options }, { service: 's', instance: 'i', clock: systemClock });

  it('name what is looked up where the account is not known, and tags where there are any', () => {
    const topicChannel = channel('topic', 'orders');
    const none = { from: [], to: [] };
    const sending = { channels: [topicChannel], replies: false };
    const permissions = transport({ region: 'cn-north-1', tags: { a: 'b' } }).permissions!(topology(topicChannel), sending, none);
    const text = (role: string): string => permissions.find((each) => each.role === role)?.text ?? '';
    expect(text('produce')).toContain('sns:ListTopics');
    expect(text('produce')).toContain('arn:aws-cn:sns:cn-north-1:*:orders');
    expect(text('provision')).toContain('sns:TagResource');
    expect(
      transport({}).permissions!(topology(channel('queue', 'q')), { channels: [], replies: false }, none)
        .map(({ text: each }) => each)
        .join(),
    ).not.toContain('sns:');
  });
});

describe('capabilities', () => {
  const Strict = channel('topic', 'strict', { ordered: true });

  it('follow from the options alone', () => {
    const of = snsCapabilities({ topicMaxMessageBytes: 1_048_576 });
    expect(of(Strict).limits.sendBytes).toBe(1_048_576 - 512);
    expect(of(Strict).native).toMatchObject({ ordering: Number.POSITIVE_INFINITY });
    expect(of(Strict).native).not.toHaveProperty('delay');
    expect(of(Strict).native).not.toHaveProperty('receive');
    expect(snsCapabilities()(channel('topic', 't')).limits.sendBytes).toBe(262_144 - 512);
  });

  it('of a queue are those of SQS', () => {
    const parcels = channel('queue', 'parcels');
    expect(snsCapabilities()(parcels).native).toHaveProperty('delay', 900_000);
    expect(snsCapabilities()(subscription(parcels)).native).not.toHaveProperty('filter');
    expect(snsCapabilities()(subscription(Strict, { group: 'g' })).native).toMatchObject({
      filter: Number.POSITIVE_INFINITY,
      lock: 43_200_000,
    });
  });
});
