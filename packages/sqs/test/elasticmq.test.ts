import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { broker } from '@omnibus/brokers';
import { ACK, type Delivery, systemClock, type Transport } from '@omnibus/core/transport';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { type SqsMessage, type SqsOptions, sqs, startMessageMove } from '../src/index.js';
import { DEFAULTS } from '../src/options.js';
import { channel, message, subscription, topology } from './messages.js';

const found = await broker('elasticmq');
const notRun = found.available ? '' : ` [not run: ${found.reason}]`;

afterAll(async () => {
  if (found.available) await found.dispose();
});

function reach() {
  if (!found.available) throw new Error(found.reason);
  const { url: endpoint, region, credentials } = found;
  return { endpoint, region, credentials };
}

async function connected(options: Partial<SqsOptions> = {}): Promise<Transport> {
  const environment = { service: 'tests', instance: 'tests', clock: systemClock };
  const transport = sqs.create({ ...DEFAULTS, ...reach(), waitMs: 1_000, ...options }, environment);
  onTestFinished(() => transport.close());
  await transport.connect();
  return transport;
}

const ids = (deliveries: readonly Delivery[]): readonly string[] => deliveries.map(({ id }) => id);
const signal = (): AbortSignal => AbortSignal.timeout(20_000);

// what fauxqs does otherwise than SQS, on an emulator that others wrote
describe.skipIf(notRun !== '')(`on ElasticMQ${notRun}`, () => {
  it('several messages of one group come by one receive, in order, and go back in order', async () => {
    const transport = await connected();
    const orders = channel({ address: 'fifo', ordered: true });
    await transport.provision(topology([orders]), 'create');
    const sender = await transport.sender(orders);
    for (const id of ['a1', 'a2', 'a3']) expect(await sender.send([message({ id, key: 'a' })])).toEqual([]);
    const first = await transport.receiver(subscription(orders));
    const taken = await first.receive(10, signal());
    expect(ids(taken)).toEqual(['a1', 'a2', 'a3']);
    expect(await first.settle(taken.slice(0, 1), ACK)).toEqual([]);
    await first.close();
    const next = await transport.receiver(subscription(orders));
    expect(ids(await next.receive(10, signal()))).toEqual(['a2', 'a3']);
  });

  it('everything of a message arrives, characters beyond U+FFFF too', async () => {
    const transport = await connected();
    const orders = channel({ address: 'standard' });
    await transport.provision(topology([orders]), 'create');
    const sent = message({
      body: Buffer.from('{"parcel":"🚚"}'),
      headers: { tenant: 'acmé 🚚' },
      key: 'k',
      correlationId: 'c',
      replyTo: 'r',
      expiresAt: Date.UTC(2126, 0, 1),
    });
    const bytes = message({ id: 'bytes', body: Buffer.from([0, 255]) });
    expect(await (await transport.sender(orders)).send([sent, bytes])).toEqual([]);
    const receiver = await transport.receiver(subscription(orders));
    const taken: Delivery[] = [];
    while (taken.length < 2) taken.push(...(await receiver.receive(10, signal())));
    for (const one of [sent, bytes]) expect(taken.find(({ id }) => id === one.id)).toMatchObject({ ...one });
    expect(await receiver.settle(taken, ACK)).toEqual([]);
  });

  it('a trace of X-Ray and the group of a fair queue arrive beside the attributes', async () => {
    const transport = await connected({ fairQueues: true });
    const orders = channel({ address: 'fair' });
    await transport.provision(topology([orders]), 'create');
    const trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    const sent = message({ key: 'k', headers: { 'x-amzn-trace-id': trace } });
    expect(await (await transport.sender(orders)).send([sent])).toEqual([]);
    const receiver = await transport.receiver(subscription(orders));
    const [delivery] = (await receiver.receive(10, signal())) as [Delivery];
    expect(delivery.headers).toEqual({ 'x-amzn-trace-id': trace });
    const { Attributes, MessageAttributes } = delivery.native as SqsMessage;
    expect(Attributes).toMatchObject({ AWSTraceHeader: trace, MessageGroupId: 'k' });
    expect(Object.keys(MessageAttributes ?? {}).toSorted()).toEqual(['ce-type', 'omnibus-envelope']);
  });

  it('a message that SQS itself put into a dead-letter queue says so', async () => {
    const transport = await connected();
    const dead = channel({ address: 'buried.dead' });
    await transport.provision(topology([dead]), 'create');
    const { endpoint, region, credentials } = reach();
    const raw = new SQSClient({ endpoint, region, credentials });
    onTestFinished(() => raw.destroy());
    const { QueueUrl: to } = await raw.send(new GetQueueUrlCommand({ QueueName: 'buried--dead' }));
    const { Attributes } = await raw.send(new GetQueueAttributesCommand({ QueueUrl: to, AttributeNames: ['QueueArn'] }));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.['QueueArn'], maxReceiveCount: 1 });
    const { QueueUrl } = await raw.send(new CreateQueueCommand({ QueueName: 'buried', Attributes: { RedrivePolicy } }));
    await raw.send(new SendMessageCommand({ QueueUrl, MessageBody: 'note' }));
    const receive = () => raw.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0, WaitTimeSeconds: 1 }));
    await expect.poll(async () => (await receive()).Messages ?? [], { timeout: 20_000 }).toEqual([]);
    const receiver = await transport.receiver(subscription(dead));
    const [letter] = (await receiver.receive(1, signal())) as [Delivery];
    expect(JSON.parse(letter.headers['omnibus-dead']!)).toMatchObject({
      reason: 'broker',
      error: 'maxReceiveCount',
      channel: 'buried',
    });
    expect(await receiver.settle([letter], ACK)).toEqual([]);
  });

  it('SQS itself moves dead letters back, as they are', async () => {
    const transport = await connected();
    const orders = channel({ address: 'moved' });
    const dead = channel({ address: 'moved.dead' });
    await transport.provision(topology([orders, dead]), 'create');
    const letters = ['d1', 'd2', 'd3'].map((id) => message({ id, headers: { 'omnibus-dead': '{"reason":"attempts"}' } }));
    expect(await (await transport.sender(dead)).send(letters)).toEqual([]);
    expect(await startMessageMove({ ...reach(), from: 'moved.dead', to: 'moved', ratePerSecond: 100 })).toEqual(
      expect.any(String),
    );
    const receiver = await transport.receiver(subscription(orders));
    const back: Delivery[] = [];
    while (back.length < 3) back.push(...(await receiver.receive(10, signal())));
    expect(ids(back).toSorted()).toEqual(['d1', 'd2', 'd3']);
    expect(back[0]?.headers).toEqual(letters[0]?.headers);
    expect(await receiver.settle(back, ACK)).toEqual([]);
  });
});
