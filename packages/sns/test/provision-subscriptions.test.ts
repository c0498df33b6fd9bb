import { CreateTopicCommand, SetSubscriptionAttributesCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { channel, topology, unique } from '@omnibus/brokers/seam-objects';
import type { Drift, FieldTest, Subscription } from '@omnibus/core/transport';
import { queueName } from '@omnibus/sqs';
import { describe, expect, it } from 'vitest';
import { aws, connected, notRun, plainSns, queueArn, subscriptionsOf, topicArn, transport } from './aws.js';
import { orders } from './orders.js';

const properties = (drifts: readonly Drift[]): readonly string[] => drifts.map(({ property }) => property).toSorted();

describe.skipIf(!aws.available)(`provisioning on AWS${notRun}`, () => {
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
});
