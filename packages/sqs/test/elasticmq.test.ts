import { broker } from '@omnibus/brokers';
import { ACK, type Delivery, systemClock, type Transport } from '@omnibus/core/transport';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { sqs } from '../src/index.js';
import { DEFAULTS } from '../src/options.js';
import { channel, message, subscription, topology } from './messages.js';

const found = await broker('elasticmq');
const notRun = found.available ? '' : ` [not run: ${found.reason}]`;

afterAll(async () => {
  if (found.available) await found.dispose();
});

async function connected(): Promise<Transport> {
  if (!found.available) throw new Error(found.reason);
  const { url: endpoint, region, credentials } = found;
  const environment = { service: 'tests', instance: 'tests', clock: systemClock };
  const transport = sqs.create({ ...DEFAULTS, endpoint, region, credentials, waitMs: 1_000 }, environment);
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
});
