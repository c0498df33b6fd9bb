import { CreateTopicCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { channel, message, subscription, topology, unique } from '@omnibus/brokers/seam-objects';
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
import { orders } from './orders.js';

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
