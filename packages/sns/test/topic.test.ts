import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { channel, message, messages, subscription, unique } from '@omnibus/brokers/seam-objects';
import type { Filter, Subscription } from '@omnibus/core/transport';
import { queueName } from '@omnibus/sqs';
import { describe, expect, it } from 'vitest';
import { filterPolicy } from '../src/filter-policy.js';
import {
  aws,
  connected,
  consume,
  notRun,
  plainSqs,
  queueArn,
  queueAttributes,
  queueUrl,
  subscriptionsOf,
  topicArn,
  transport,
} from './aws.js';
import { passes } from './evaluator.js';

const ORDERS = { types: ['order.placed', 'order.paid'] };

describe.skipIf(!aws.available)(`a topic on AWS${notRun}`, () => {
  it('brings every message to every group, field by field and byte by byte', async () => {
    const orders = channel('topic', unique('orders'), ORDERS);
    const groups = ['shipping', 'audit'].map((group) => subscription(orders, { group }));
    const made = await connected({}, ...groups);
    const sent = [
      message({ headers: { tenant: 'a' }, key: 'k', correlationId: 'c', replyTo: 'r', expiresAt: 4e12, priority: 0 }),
      message({ body: Buffer.from([0, 1, 2, 255]), contentType: 'application/octet-stream' }),
      message({ body: Buffer.alloc(0), type: '' }),
    ];
    expect(await (await made.sender(orders)).send(sent)).toEqual([]);
    for (const group of groups) {
      const received = await consume(await made.receiver(group), 3);
      const byId = new Map(received.map((delivery) => [delivery.id, delivery]));
      for (const { body, ...fields } of sent) {
        expect(byId.get(fields.id)).toMatchObject(fields);
        expect(Buffer.from(byId.get(fields.id)!.body)).toEqual(body);
      }
    }
  });

  it('takes what nobody is subscribed to, and forgets it', async () => {
    const lonely = channel('topic', unique('lonely'), ORDERS);
    const made = await connected({}, lonely);
    expect(await (await made.sender(lonely)).send(messages(10))).toEqual([]);
  });

  it('delivers to a filtered group what it handles, and what names no type', async () => {
    const orders = channel('topic', unique('orders'), ORDERS);
    const paid = subscription(orders, { group: 'paid', types: ['order.paid'] });
    const made = await connected({}, paid);
    const sender = await made.sender(orders);
    await sender.send([message({ type: 'order.placed' }), message({ type: 'order.paid' }), message({ type: '' })]);
    expect((await consume(await made.receiver(paid), 2)).map(({ type }) => type).toSorted()).toEqual(['', 'order.paid']);
    const { ApproximateNumberOfMessages: left } = await queueAttributes(queueName(paid.address, false));
    expect(left).toBe('0');
  });

  it('delivers to a group that is filtered by fields exactly what its policy lets pass', async () => {
    const orders = channel('topic', unique('orders'), ORDERS);
    const filter: Filter = {
      'order.paid': [
        { field: 'total', op: 'gte', value: 100 },
        { field: 'total', op: 'lt', value: 200 },
        { field: 'country', op: 'prefix', value: 'de' },
        { field: 'kind', op: 'in', value: ['a', 'b'] },
        { field: 'express', op: 'eq', value: true },
      ],
    };
    const paid = subscription(orders, { group: 'paid', types: ['order.paid'], filter });
    const policy = filterPolicy(paid)!;
    expect(policy.scope).toBe('MessageBody');
    const bodies = [99, 99.999, 100, 150.5, 200, 200.1, 1e10, undefined].flatMap((total) =>
      ['de', 'de-by', 'fr', undefined].flatMap((country) =>
        (['a', 'c', undefined] as const).flatMap((kind) => [true, false].map((express) => ({ total, country, kind, express }))),
      ),
    );
    const sent = bodies.map((body) => message({ type: 'order.paid', body: Buffer.from(JSON.stringify(body)) }));
    const wanted = sent.filter(({ body }) => passes(policy.policy, JSON.parse(Buffer.from(body).toString()) as never));
    expect(wanted.length).toBeGreaterThan(20);
    const made = await connected({}, paid);
    const sender = await made.sender(orders);
    for (let from = 0; from < sent.length; from += 10) expect(await sender.send(sent.slice(from, from + 10))).toEqual([]);
    const { ApproximateNumberOfMessages: count } = await queueAttributes(queueName(paid.address, false));
    expect(count).toBe(String(wanted.length));
    const received = await consume(await made.receiver(paid), wanted.length);
    expect(received.map(({ id }) => id).toSorted()).toEqual(wanted.map(({ id }) => id).toSorted());
  });

  it('keeps the order of a key on a FIFO topic, and takes an id once', async () => {
    const strict = channel('topic', unique('strict'), { ...ORDERS, ordered: true });
    const group = subscription(strict, { group: 'g' });
    const made = await connected({}, group);
    const sender = await made.sender(strict);
    const sent = messages(12, (index) => ({ key: `k${index % 2}` }));
    for (const one of sent) await sender.send([one]);
    await sender.send([sent[0]!]);
    const received = await consume(await made.receiver(group), 12);
    for (const key of ['k0', 'k1'])
      expect(received.filter((each) => each.key === key).map(({ id }) => id)).toEqual(
        sent.filter((each) => each.key === key).map(({ id }) => id),
      );
  });

  it.each([
    ['looked up', {}],
    ['known by its account', { accountId: '000000000000' }],
  ])('is sent to by who has made nothing: %s', async (_, options) => {
    const orders = channel('topic', unique('orders'), ORDERS);
    const sending = transport(options);
    await sending.connect();
    const sender = await sending.sender(orders);
    await expect(sender.send(messages(1))).rejects.toMatchObject({ code: 'NO_ROUTE' });
    await connected({}, orders);
    expect(await sender.send(messages(1))).toEqual([]);
    expect(await sending.health()).toEqual({ ok: true, why: undefined });
  });

  it.each([undefined, '000000000000'])(
    'that is missing refuses what is sent, naming it and the fix (account %s)',
    async (accountId) => {
      const nowhere = channel('topic', unique('nowhere'));
      const made = transport(accountId === undefined ? {} : { accountId });
      await made.connect();
      const sending = (await made.sender(nowhere)).send(messages(1));
      await expect(sending).rejects.toMatchObject({ code: 'NO_ROUTE', retryable: false, outcome: 'failed' });
      await expect(sending).rejects.toThrow(/nowhere.*provision: create/s);
    },
  );

  it("brings into a group's dead-letter queue what SNS could not bring into its queue", async () => {
    const orders = channel('topic', unique('orders'), ORDERS);
    const dead = channel('queue', `${orders.address}.shipping.dead`);
    const shipping = subscription(orders, { group: 'shipping', deadLetter: dead });
    const made = await connected({}, shipping, dead);
    await undeliverable(shipping, 'what came not through');
    const [delivery] = await consume(await made.receiver(subscription(dead)), 1);
    expect(Buffer.from(delivery!.body).toString()).toBe('what came not through');
  });
});

/**
 * Stands for SNS where a delivery fails for good, which the emulator forgets: the message goes to the queue that the subscription's
 * RedrivePolicy names, if that queue's policy lets SNS write there for this topic.
 */
async function undeliverable({ channel: topic, address }: Subscription, body: string): Promise<void> {
  const name = queueName(topic.address, false);
  const { RedrivePolicy = '{}' } = (await subscriptionsOf(name))[queueArn(queueName(address, false))] ?? {};
  const { deadLetterTargetArn } = JSON.parse(RedrivePolicy) as { deadLetterTargetArn?: string };
  if (deadLetterTargetArn === undefined) throw new Error('SNS drops it: the subscription has no RedrivePolicy');
  const dead = deadLetterTargetArn.split(':').at(-1)!;
  const { Statement } = JSON.parse((await queueAttributes(dead))['Policy'] ?? '{"Statement":[]}') as { Statement: object[] };
  expect(Statement).toContainEqual(
    expect.objectContaining({
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: deadLetterTargetArn,
      Condition: { ArnEquals: { 'aws:SourceArn': topicArn(name) } },
    }),
  );
  await plainSqs.send(new SendMessageCommand({ QueueUrl: await queueUrl(dead), MessageBody: body }));
}
