import { CreateTopicCommand, SetSubscriptionAttributesCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { channel, message, subscription, topology, unique } from '@omnibus/brokers/seam-objects';
import type { Channel, Drift, FieldTest, Subscription } from '@omnibus/core/transport';
import { queueName } from '@omnibus/sqs';
import { describe, expect, it } from 'vitest';
import {
  aws,
  connected,
  notRun,
  plainSns,
  plainSqs,
  queueArn,
  queueAttributes,
  queueUrl,
  subscriptionsOf,
  topicArn,
  topicAttributes,
  transport,
} from './aws.js';

const TYPES = ['order.placed', 'order.paid'];

/** A topic with a group that handles `types`, and the names of what it is made of. */
function orders(facts: Partial<Channel> = {}, group: Partial<Subscription> = {}) {
  const topic = channel('topic', unique('orders'), { types: TYPES, ...facts });
  const shipping = subscription(topic, {
    group: 'shipping',
    deadLetter: channel('queue', `${topic.address}.shipping.dead`),
    ...group,
  });
  const name = (address: string): string => queueName(address, topic.ordered);
  const of = { topic: name(topic.address), queue: name(shipping.address), dead: name(`${shipping.address}.dead`) };
  return { topic, shipping, of, all: topology(shipping) };
}

const properties = (drifts: readonly Drift[]): readonly string[] => drifts.map(({ property }) => property).toSorted();

describe.skipIf(!aws.available)(`provisioning on AWS${notRun}`, () => {
  it('makes a topic, a queue for the group, the subscription between them, and the right of SNS to write', async () => {
    const { shipping, of, all } = orders({}, { types: ['order.paid'] });
    const made = await connected({}, shipping);
    const found = (await subscriptionsOf(of.topic))[queueArn(of.queue)];
    expect(found).toMatchObject({ RawMessageDelivery: 'true', FilterPolicyScope: 'MessageAttributes' });
    expect(JSON.parse(found!['FilterPolicy']!)).toEqual({ 'ce-type': ['order.paid', { exists: false }] });
    expect(JSON.parse(found!['RedrivePolicy']!)).toEqual({ deadLetterTargetArn: queueArn(of.dead) });
    for (const name of [of.queue, of.dead]) {
      const policy = JSON.parse((await queueAttributes(name))['Policy']!) as { Statement: object[] };
      expect(policy.Statement).toMatchObject([
        {
          Effect: 'Allow',
          Principal: { Service: 'sns.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: queueArn(name),
          Condition: { ArnEquals: { 'aws:SourceArn': topicArn(of.topic) } },
        },
      ]);
    }
    expect(await made.provision(all, 'verify')).toEqual([]);
  });

  it('ends a temporary group with its transport: the subscription, and the queue', async () => {
    const { shipping, of } = orders({}, { temporary: true });
    const made = await connected({}, shipping);
    expect(Object.keys(await subscriptionsOf(of.topic))).toEqual([queueArn(of.queue)]);
    await made.close();
    expect(await subscriptionsOf(of.topic)).toEqual({});
    await expect(queueAttributes(of.queue)).rejects.toThrow('does not exist');
    expect(await topicAttributes(of.topic)).toBeDefined();
  });

  it('changes nothing the second time', async () => {
    const { shipping, of, all } = orders({}, { types: ['order.paid'] });
    const made = await connected({}, shipping);
    const before = [await subscriptionsOf(of.topic), await queueAttributes(of.queue)];
    expect(await made.provision(all, 'create')).toEqual([]);
    expect(await (await connected({}, shipping)).provision(all, 'create')).toEqual([]);
    expect([await subscriptionsOf(of.topic), await queueAttributes(of.queue)]).toEqual(before);
  });

  it('makes FIFO topics for ordered channels, with their throughput by key', async () => {
    const { shipping, of, all } = orders({ ordered: true });
    const made = await connected({}, shipping);
    expect(of.topic).toMatch(/\.fifo$/);
    expect(await topicAttributes(of.topic)).toMatchObject({
      FifoTopic: 'true',
      ContentBasedDeduplication: 'false',
      FifoThroughputScope: 'MessageGroup',
    });
    expect(await made.provision(all, 'verify')).toEqual([]);
  });

  it('makes topics encrypted, tagged and for large messages where the options say so', async () => {
    const { topic, of } = orders();
    const options = { topicKmsKeyId: 'alias/aws/sns', topicMaxMessageBytes: 1_048_576, tags: { team: 'shop' } };
    const made = await connected(options, topic);
    expect(await topicAttributes(of.topic)).toMatchObject({ KmsMasterKeyId: 'alias/aws/sns', MaximumMessageSize: '1048576' });
    expect(await made.provision(topology(topic), 'verify')).toEqual([]);
    const smaller = transport({ topicKmsKeyId: 'alias/own' });
    await smaller.connect();
    expect(await smaller.provision(topology(topic), 'create')).toEqual([
      { object: expect.stringContaining(of.topic), property: 'KmsMasterKeyId', wanted: 'alias/own', found: 'alias/aws/sns' },
    ]);
  });

  it('says what is missing, and makes none of it, when it only verifies', async () => {
    const { shipping, of, all } = orders();
    const made = transport();
    await made.connect();
    for (let times = 0; times < 2; times++) {
      const drifts = await made.provision(all, 'verify');
      expect(drifts).toContainEqual({
        object: expect.stringContaining(`topic '${of.topic}'`),
        property: 'existence',
        wanted: 'a topic',
        found: 'missing',
      });
      expect(drifts.every(({ found }) => found === 'missing')).toBe(true);
    }
    await plainSns.send(new CreateTopicCommand({ Name: of.topic }));
    await connected({}, { ...shipping.channel, kind: 'queue', address: shipping.address });
    expect((await made.provision(all, 'verify')).map(({ object, property }) => `${property} of ${object}`)).toEqual([
      `Policy of queue '${of.queue}'`,
      `Policy of queue '${of.dead}'`,
      `existence of subscription of queue '${of.queue}' to topic '${of.topic}'`,
    ]);
  });

  it('merges with the policy that a queue has', async () => {
    const { shipping, of } = orders();
    await plainSqs.send(new CreateQueueCommand({ QueueName: of.queue }));
    const theirs = { Sid: 'theirs', Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: queueArn(of.queue) };
    const Policy = JSON.stringify({ Version: '2012-10-17', Id: 'kept', Statement: theirs });
    await plainSqs.send(new SetQueueAttributesCommand({ QueueUrl: await queueUrl(of.queue), Attributes: { Policy } }));
    await connected({}, shipping);
    const policy = JSON.parse((await queueAttributes(of.queue))['Policy']!) as { Id: string; Statement: object[] };
    expect(policy.Id).toBe('kept');
    expect(policy.Statement).toHaveLength(2);
    expect(policy.Statement[0]).toEqual(theirs);
  });

  it('reports a subscription that is otherwise, property by property, and leaves it as it is', async () => {
    const { shipping, of, all } = orders({}, { types: ['order.paid'] });
    const made = await connected({}, { ...shipping.channel, kind: 'queue', address: shipping.address }, shipping.channel);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn('elsewhere') });
    const FilterPolicy = JSON.stringify({ region: ['eu'] });
    await plainSns.send(
      new SubscribeCommand({
        TopicArn: topicArn(of.topic),
        Protocol: 'sqs',
        Endpoint: queueArn(of.queue),
        Attributes: { RedrivePolicy, FilterPolicy },
      }),
    );
    const before = await subscriptionsOf(of.topic);
    for (const mode of ['create', 'verify'] as const) {
      const drifts = (await made.provision(all, mode)).filter(({ object }) => object.startsWith('subscription'));
      expect(properties(drifts)).toEqual(['FilterPolicy', 'RawMessageDelivery', 'RedrivePolicy']);
    }
    expect(await subscriptionsOf(of.topic)).toEqual(before);
  });

  it('adds what a subscription lacks, where it may create', async () => {
    const { shipping, of, all } = orders();
    const made = await connected({ subscriptionDeadLetters: false }, shipping);
    expect((await subscriptionsOf(of.topic))[queueArn(of.queue)]).not.toHaveProperty('RedrivePolicy');
    const another = transport();
    await another.connect();
    expect(properties(await another.provision(all, 'verify'))).toEqual(['Policy', 'RedrivePolicy']);
    expect(await another.provision(all, 'create')).toEqual([]);
    expect((await subscriptionsOf(of.topic))[queueArn(of.queue)]).toHaveProperty('RedrivePolicy');
    expect(await made.provision(all, 'verify')).toEqual([]);
  });

  it('widens the filter for a version that handles more, and never narrows it', async () => {
    const { topic, shipping, of } = orders({ types: ['a', 'b', 'c'] }, { types: ['a'] });
    const policy = async (): Promise<unknown> =>
      JSON.parse((await subscriptionsOf(of.topic))[queueArn(of.queue)]!['FilterPolicy'] ?? 'null');
    await connected({}, shipping);
    const next = { ...shipping, types: ['b'] };
    const made = transport();
    await made.connect();
    expect(properties(await made.provision(topology(next), 'verify'))).toEqual(['FilterPolicy']);
    expect(await made.provision(topology(next), 'create')).toEqual([]);
    expect(await policy()).toEqual({ 'ce-type': ['a', 'b', { exists: false }] });
    expect(await made.provision(topology(shipping), 'create')).toEqual([]);
    expect(await made.provision(topology(shipping), 'verify')).toEqual([]);
    expect(await policy()).toEqual({ 'ce-type': ['a', 'b', { exists: false }] });
    expect(await made.provision(topology({ ...shipping, types: topic.types }), 'create')).toEqual([]);
    expect(await policy()).toEqual({});
  });

  it('leaves the filter to the consumers where a publisher only names the group', async () => {
    const { topic, shipping, of } = orders({}, { types: ['order.paid'] });
    const named: Subscription = { ...shipping, types: topic.types, from: 'first' };
    const made = await connected({}, shipping);
    const before = await subscriptionsOf(of.topic);
    expect(await made.provision(topology(named), 'create')).toEqual([]);
    expect(await made.provision(topology(named), 'verify')).toEqual([]);
    expect(await subscriptionsOf(of.topic)).toEqual(before);
    const other = orders({}, { from: 'first' });
    await connected({}, other.shipping);
    expect((await subscriptionsOf(other.of.topic))[queueArn(other.of.queue)]).not.toHaveProperty('FilterPolicy');
  });

  it('compares policies by what they say, not by how they are written', async () => {
    const express: FieldTest = { field: 'express', op: 'eq', value: true };
    const { shipping, of, all } = orders({}, { types: ['order.paid'], filter: { 'order.paid': [express] } });
    const made = await connected({}, shipping);
    const found = (await subscriptionsOf(of.topic))[queueArn(of.queue)]!;
    expect(found['FilterPolicyScope']).toBe('MessageBody');
    const set = (AttributeName: string, AttributeValue: string): Promise<unknown> =>
      plainSns.send(
        new SetSubscriptionAttributesCommand({ SubscriptionArn: found['SubscriptionArn'], AttributeName, AttributeValue }),
      );
    await set('FilterPolicy', '{ "express": [ {"exists":false} ,true ] }');
    await set('RedrivePolicy', `{ "deadLetterTargetArn" : "${queueArn(of.dead)}" }`);
    expect(await made.provision(all, 'verify')).toEqual([]);
  });

  it('subscribes the people and functions that the options name, once', async () => {
    const alerts = channel('topic', unique('alerts'));
    const endpoints = [
      { protocol: 'sms', endpoint: '+15555550100' },
      { protocol: 'email', endpoint: 'on-call@example.com' },
      { protocol: 'lambda', endpoint: 'arn:aws:lambda:us-east-1:000000000000:function:page' },
    ] as const;
    const options = { subscriptions: { [alerts.name]: endpoints } };
    const looking = transport(options);
    await looking.connect();
    await plainSns.send(new CreateTopicCommand({ Name: queueName(alerts.address, false) }));
    expect(properties(await looking.provision(topology(alerts), 'verify'))).toEqual(['existence', 'existence', 'existence']);
    const made = await connected(options, alerts);
    expect(await made.provision(topology(alerts), 'create')).toEqual([]);
    expect(await made.provision(topology(alerts), 'verify')).toEqual([]);
    expect(Object.keys(await subscriptionsOf(queueName(alerts.address, false))).toSorted()).toEqual(
      endpoints.map(({ endpoint }) => endpoint).toSorted(),
    );
  });

  it('takes a topic by its ARN, and never makes one', async () => {
    const name = unique('theirs').replace('.', '-');
    const theirs = channel('topic', topicArn(name));
    const made = transport();
    await made.connect();
    await expect(made.provision(topology(theirs), 'create')).rejects.toMatchObject({
      code: 'TOPOLOGY',
      message: expect.stringContaining(name),
    });
    await plainSns.send(new CreateTopicCommand({ Name: name }));
    const group = subscription(theirs, { group: 'shipping', address: unique('shipping') });
    expect(await made.provision(topology(group), 'create')).toEqual([]);
    expect(Object.keys(await subscriptionsOf(name))).toEqual([queueArn(queueName(group.address, false))]);
    expect(await (await made.sender(theirs)).send([message()])).toEqual([]);
  });
});

describe.skipIf(!aws.available)(`what cannot be provisioned on AWS${notRun}`, () => {
  it.each([false, true])('says that a topic stands there of the other type (ordered: %s)', async (ordered) => {
    const address = unique('typed');
    const Attributes: Record<string, string> = ordered ? {} : { FifoTopic: 'true' };
    await plainSns.send(new CreateTopicCommand({ Name: queueName(address, !ordered), Attributes }));
    const made = transport();
    await made.connect();
    for (const mode of ['create', 'verify'] as const)
      expect(await made.provision(topology(channel('topic', address, { ordered })), mode)).toEqual([
        {
          object: expect.stringContaining(`of '${address}'`),
          property: 'type',
          wanted: expect.stringContaining(`ordered: ${ordered}`),
          found: expect.stringContaining(`say ordered: ${!ordered}`),
        },
      ]);
  });

  it.each([
    ['arn:aws:sqs:us-east-1:000000000000:queue', false, /not the ARN of an SNS topic/],
    ['arn:aws:sns:us-east-1:000000000000:plain', true, /needs a FIFO topic/],
    ['arn:aws:sns:us-east-1:000000000000:strict.fifo', false, /declare the channel ordered/],
    ['x'.repeat(81), false, /too long/],
  ])('refuses the address %s (ordered: %s), naming it and what to do', async (address, ordered, why) => {
    const made = transport();
    await made.connect();
    const refused = made.provision(topology(channel('topic', address, { ordered })), 'create');
    await expect(refused).rejects.toMatchObject({ code: 'TOPOLOGY', message: expect.stringMatching(why) });
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining(address) });
  });

  it('refuses receivers of what is no topic of the app, and those that are written otherwise', async () => {
    const subscriptions = { alrts: [{ protocol: 'sms', endpoint: '+15555550100' }] } as const;
    const made = transport({ subscriptions });
    await made.connect();
    await expect(made.provision(topology(channel('topic', 'alerts')), 'create')).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringMatching(/'alrts'.*'alerts'/),
    });
    for (const wrong of [{ alerts: 'sms' }, { alerts: [{ protocol: 'fax', endpoint: 'x' }] }, { alerts: [{ protocol: 'sms' }] }])
      expect(() => transport({ subscriptions: wrong as never })).toThrow(
        expect.objectContaining({ code: 'CONFIG', message: expect.stringContaining("'alerts'") }),
      );
  });
});
