import { type App, type ClaimCheckOptions, claimCheck, createApp, queue, topic } from '@omnibus/core';
import { type Message, type Subscription, systemClock, type Channel as Wire } from '@omnibus/core/transport';
import { memory, memoryBroker } from '@omnibus/memory';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { aws, type Bucket, bucket, notRun, store } from './aws.js';
import { BYTES, large, OLD_POINTER, POINTER, pointer, pointerAsTheyReadIt, type Text, Texts } from './extended-form.js';

const Inbox = queue('inbox', { messages: [Texts] });
const News = topic('news', { messages: [Texts] });

/** A service on a broker that the test reads and writes as another program would. */
async function service(over: Partial<ClaimCheckOptions> & { readonly prefix?: string } = {}) {
  const kept = await bucket();
  const broker = memoryBroker({ clock: systemClock });
  const { prefix, ...claims } = over;
  const app = await createApp({
    config: { name: 'here', transports: { one: memory({ broker }) }, default: 'one' },
    transports: [memory],
    producers: [Inbox, News],
    claimCheck: claimCheck({ store: store({ bucket: kept.name, ...(prefix === undefined ? {} : { prefix }) }), ...claims }),
  });
  onTestFinished(() => app.stop());
  const options = { broker, lockMs: 30_000, partitions: 1, maxMessages: 1_000, without: [] };
  const other = memory.create(options, { service: 'other', instance: 'other', clock: systemClock });
  await other.connect();
  onTestFinished(() => other.close());
  return { app, kept, other };
}

const wire = (name: string, kind: 'queue' | 'topic'): Wire => ({
  name,
  address: name,
  kind,
  ordered: false,
  temporary: false,
  types: [],
  maxDelayMs: 0,
  priorities: 0,
});

/** A message as the Java clients send it: a pointer, a number in an attribute, and nothing of ours. */
function foreign({ name }: Bucket, key: string, attribute: string, pointerClass = POINTER): Message {
  return {
    id: '',
    type: '',
    time: 0,
    contentType: '',
    body: Buffer.from(pointer(name, key, pointerClass)),
    headers: { [attribute]: String(BYTES), tenant: 'acme' },
    key: undefined,
    correlationId: undefined,
    replyTo: undefined,
    delayMs: 0,
    expiresAt: Number.POSITIVE_INFINITY,
    priority: 0,
  };
}

function handled(app: App) {
  const got: { readonly text: Text; readonly headers: object }[] = [];
  app.consumer(Inbox).handle(Texts, (text, { headers }) => void got.push({ text, headers: { ...headers } }));
  return got;
}

describe.skipIf(!aws.available)(`beside the Extended Clients${notRun}`, () => {
  test.each([
    ['the SQS client as it is by default', 'SQSLargePayloadSize', POINTER, []],
    ['the SQS client with the new attribute', 'ExtendedPayloadSize', POINTER, ['k']],
    ['old SQS clients', 'SQSLargePayloadSize', OLD_POINTER, []],
    ['the SNS client, raw', 'ExtendedPayloadSize', POINTER, ['k']],
  ] as const)(
    '%s: what it sends is read, and deleted only where no topic can have brought it',
    async (_, attribute, pointerClass, left) => {
      const { app, kept, other } = await service();
      const got = handled(app);
      await app.start();
      await kept.put('k', JSON.stringify(large));
      await (await other.sender(wire('inbox', 'queue'))).send([foreign(kept, 'k', attribute, pointerClass)]);
      await vi.waitFor(() => expect(got).toEqual([{ text: large, headers: { tenant: 'acme' } }]));
      await app.stop();
      expect(await kept.keys()).toEqual(left);
    },
  );

  test.each([
    ['inbox', 'queue'],
    ['news', 'topic'],
  ] as const)('what we send to %s is what they read', async (name, kind) => {
    const { app, kept, other } = await service();
    await app.start();
    const subscription: Subscription = {
      channel: wire(name, kind),
      group: kind === 'topic' ? 'theirs' : undefined,
      address: kind === 'topic' ? `${name}.theirs` : name,
      types: ['text'],
      filter: undefined,
      from: 'first',
      ordered: false,
      window: 10,
      exclusive: false,
      temporary: false,
      deadLetter: undefined,
      crashLimit: 70,
    };
    await other.provision(
      { channels: [subscription.channel], subscriptions: [subscription], deadLetters: [], retries: [] },
      'create',
    );
    const receiver = await other.receiver(subscription);
    onTestFinished(() => receiver.close());
    await app.producer(kind === 'queue' ? Inbox : News).send(Texts as never, large as never, { headers: { tenant: 'acme' } });
    const [delivery] = await receiver.receive(1, AbortSignal.timeout(5_000));
    const { s3BucketName, s3Key } = pointerAsTheyReadIt(delivery!);
    expect(s3BucketName).toBe(kept.name);
    expect(await kept.text(s3Key)).toBe(JSON.stringify(large));
    expect(delivery!.headers).toMatchObject({ ExtendedPayloadSize: String(BYTES), tenant: 'acme' });
  });

  test('a pointer out of the bucket is a dead letter, and nothing is read', async () => {
    const { app, kept, other } = await service({ prefix: 'payloads/' });
    const got = handled(app);
    await app.start();
    await kept.put('k', JSON.stringify(large));
    await (await other.sender(wire('inbox', 'queue'))).send([foreign(kept, 'k', 'ExtendedPayloadSize')]);
    await vi.waitFor(() => expect(app.stats.consumers['inbox']).toMatchObject({ dead: 1, held: 0 }));
    expect([got, await kept.keys()]).toEqual([[], ['k']]);
  });

  test('an object that is gone is a dead letter', async () => {
    const { app, kept, other } = await service();
    const got = handled(app);
    await app.start();
    await (await other.sender(wire('inbox', 'queue'))).send([foreign(kept, 'gone', 'SQSLargePayloadSize')]);
    await vi.waitFor(() => expect(app.stats.consumers['inbox']).toMatchObject({ dead: 1, retried: 0, held: 0 }));
    expect(got).toEqual([]);
  });
});
