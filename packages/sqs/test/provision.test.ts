import { GetQueueAttributesCommand, ListQueueTagsCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { awsErrors, awsFaults } from '@omnibus/brokers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { queueName } from '../src/index.js';
import { calls, connected, notRun, proxy, reach, unique } from './emulator.js';
import { channel, subscription, topology } from './messages.js';

const plain = (): SQSClient => {
  const client = new SQSClient(reach);
  onTestFinished(() => client.destroy());
  return client;
};

const urlOf = (name: string): string => `${reach.endpoint}/000000000000/${name}`;

const attributesOf = async (name: string) =>
  (await plain().send(new GetQueueAttributesCommand({ QueueUrl: urlOf(name), AttributeNames: ['All'] }))).Attributes ?? {};

describe.skipIf(notRun !== '')(`provisioning${notRun}`, () => {
  it('makes a queue encrypted, with long polls, and with a backstop that is there', async () => {
    const address = unique('orders');
    const transport = await connected({ waitMs: 20_000, tags: { team: 'sales' } });
    expect(await transport.provision(topology([channel({ address })]), 'create')).toEqual([]);
    const { RedrivePolicy = '', ...attributes } = await attributesOf(address);
    expect(attributes).toMatchObject({
      SqsManagedSseEnabled: 'true',
      ReceiveMessageWaitTimeSeconds: '20',
      VisibilityTimeout: '30',
      MessageRetentionPeriod: '345600',
      MaximumMessageSize: '1048576',
    });
    const dead = await attributesOf(`${address}--dead`);
    expect(JSON.parse(RedrivePolicy)).toEqual({ deadLetterTargetArn: dead['QueueArn'], maxReceiveCount: 1_000 });
    expect(dead).toMatchObject({ MessageRetentionPeriod: '1209600' });
    expect(dead).not.toHaveProperty('RedrivePolicy');
    const { Tags } = await plain().send(new ListQueueTagsCommand({ QueueUrl: urlOf(address) }));
    expect(Tags).toEqual({ team: 'sales' });
  });

  it('makes the queue of an ordered channel FIFO, with high throughput, and its backstop too', async () => {
    const address = unique('orders');
    const transport = await connected();
    expect(await transport.provision(topology([channel({ address, ordered: true })]), 'create')).toEqual([]);
    const found = await attributesOf(`${address}.fifo`);
    expect(found).toMatchObject({
      FifoQueue: 'true',
      ContentBasedDeduplication: 'false',
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    });
    expect(found['RedrivePolicy']).toContain(`:${address}--dead.fifo"`);
    expect(await attributesOf(`${address}--dead.fifo`)).toMatchObject({ FifoQueue: 'true' });
  });

  it('makes a temporary queue without a backstop, and takes it away when it closes', async () => {
    const address = unique('shop.group');
    const temporary = channel({ address, temporary: true });
    const transport = await connected();
    const kept = unique('orders');
    await transport.provision(
      topology([temporary, channel({ address: kept })], [{ ...subscription(temporary), temporary: true }]),
      'create',
    );
    expect(await attributesOf(queueName(address, false))).not.toHaveProperty('RedrivePolicy');
    await transport.close();
    await expect(attributesOf(queueName(address, false))).rejects.toThrow('does not exist');
    expect(await attributesOf(kept)).toHaveProperty('RedrivePolicy');
  });

  it('makes one call a queue, none for what it knows, and changes nothing the second time', async () => {
    const address = unique('orders');
    const wanted = topology([channel({ address })], [subscription(channel({ address }))]);
    const transport = await connected();
    const before = calls.length;
    await transport.provision(wanted, 'create');
    expect(calls.slice(before)).toEqual([
      ['CreateQueue', `${address}--dead`],
      ['CreateQueue', address],
    ]);
    await transport.provision(wanted, 'create');
    expect(calls).toHaveLength(before + 2);
    expect(await (await connected()).provision(wanted, 'create')).toEqual([]);
    expect(await (await connected()).provision(wanted, 'verify')).toEqual([]);
  });

  it('makes the same of a queue whoever names it: a channel, a group, a dead letter', async () => {
    const address = unique('orders');
    const names = topology([channel({ address })]);
    await (await connected()).provision(names, 'create');
    const dead = channel({ address: `${address}.dead` });
    const others = [
      topology([], [subscription(channel({ address }))]),
      { ...topology([]), deadLetters: [dead] },
      topology([dead]),
    ];
    for (const other of others) expect(await (await connected()).provision(other, 'create')).toEqual([]);
  });

  it('says what is otherwise, and leaves it so', async () => {
    const address = unique('orders');
    await (await connected()).provision(topology([channel({ address })]), 'create');
    const Attributes = { VisibilityTimeout: '99', RedrivePolicy: '' };
    await plain().send(new SetQueueAttributesCommand({ QueueUrl: urlOf(address), Attributes }));
    for (const mode of ['create', 'verify'] as const) {
      const drifts = await (await connected()).provision(topology([channel({ address })]), mode);
      expect(drifts).toContainEqual({ object: `queue '${address}'`, property: 'VisibilityTimeout', wanted: '30', found: '99' });
    }
    expect(await attributesOf(address)).toMatchObject({ VisibilityTimeout: '99' });
  });

  it('only looks where it is to verify, and says what is missing', async () => {
    const address = unique('orders.new');
    const wanted = topology([channel({ address })]);
    const drifts = await (await connected()).provision(wanted, 'verify');
    expect(drifts).toEqual([
      {
        object: `queue '${queueName(`${address}.dead`, false)}' of '${address}.dead'`,
        property: 'existence',
        wanted: 'a queue',
        found: 'missing',
      },
      {
        object: `queue '${queueName(address, false)}' of '${address}'`,
        property: 'existence',
        wanted: 'a queue',
        found: 'missing',
      },
    ]);
    expect(await (await connected()).provision(wanted, 'verify')).toHaveLength(2);
  });

  it('says that a queue is of the other type where somebody forgot `ordered`', async () => {
    const address = unique('orders');
    await (await connected()).provision(topology([channel({ address })]), 'create');
    const drifts = await (await connected()).provision(topology([channel({ address, ordered: true })]), 'verify');
    expect(drifts).toContainEqual({
      object: `queue '${address}.fifo' of '${address}'`,
      property: 'type',
      wanted: 'FIFO, as the channel says ordered: true',
      found: `standard ('${address}'), and SQS changes no queue's type: make another, or say ordered: false`,
    });
  });

  it('makes a queue again that somebody deleted', async () => {
    const address = unique('orders');
    const transport = await connected();
    await transport.provision(topology([channel({ address })]), 'create');
    const receiver = await transport.receiver(subscription(channel({ address })));
    const gone = proxy.inject('ReceiveMessage', awsFaults.error(awsErrors.notFound));
    await expect(receiver.receive(1, AbortSignal.timeout(5_000))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    gone.remove();
    const before = calls.length;
    await transport.provision(topology([channel({ address })]), 'create');
    expect(calls.slice(before)).toEqual([['CreateQueue', address]]);
  });

  it('refuses topics, and says which transport carries them', async () => {
    const transport = await connected();
    expect(transport.kinds).toEqual(['queue']);
    await expect(transport.provision(topology([channel({ kind: 'topic' })]), 'create')).rejects.toMatchObject({
      code: 'CAPABILITY',
      message: expect.stringMatching(/'orders' is a topic, and SQS carries queues only\. use: sns carries both/),
    });
  });
});
