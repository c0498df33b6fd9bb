import { AwsFaultProxy, awsEntryErrors, awsErrors, awsFaults } from '@omnibus/brokers';
import { channel, messages, subscription, topology, unique } from '@omnibus/brokers/seam-objects';
import { queueName } from '@omnibus/sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aws, notRun, transport } from './aws.js';

/** The proxy stands for what no emulator does: IAM's refusals, quotas, AWS failing inside, links that break. */
let proxy: AwsFaultProxy;

describe.skipIf(!aws.available)(`what AWS refuses${notRun}`, () => {
  beforeAll(async () => {
    proxy = await AwsFaultProxy.inFrontOf(aws.available ? aws.url : '');
  });
  afterEach(() => proxy.heal());
  afterAll(() => proxy.close());

  /** A connected transport behind the proxy. */
  async function behind() {
    const made = transport({ endpoint: proxy.url, callTimeoutMs: 2_000 });
    await made.connect();
    return made;
  }
  const group = () => subscription(channel('topic', unique('orders'), { types: ['a', 'b'] }), { group: 'g', types: ['a'] });

  it.each([
    ['CreateTopic', 'topic'],
    ['Subscribe', 'subscription'],
    ['ListSubscriptionsByTopic', 'topic'],
    ['SetQueueAttributes', 'queue'],
  ])('names the topic where %s is denied, and says what to do', async (operation, what) => {
    const wanted = group();
    const made = await behind();
    proxy.inject(operation, awsFaults.error(awsErrors.accessDenied));
    const refused = made.provision(topology(wanted), 'create');
    await expect(refused).rejects.toMatchObject({ code: 'DENIED', retryable: false });
    await expect(refused).rejects.toThrow(new RegExp(`${what}.*${queueName(wanted.channel.address, false)}.*app\\.plan`));
    proxy.heal();
    expect(await made.provision(topology(wanted), 'create')).toEqual([]);
  });

  it.each([
    [awsErrors.throttled, 'THROTTLED', true, 'failed'],
    [awsErrors.rateExceeded, 'THROTTLED', true, 'failed'],
    [awsErrors.unavailable, 'THROTTLED', true, 'unknown'],
    [awsErrors.internal, 'THROTTLED', true, 'unknown'],
    [awsErrors.accessDenied, 'DENIED', false, 'failed'],
    [awsErrors.expiredToken, 'DENIED', false, 'failed'],
    [awsErrors.notFound, 'NO_ROUTE', false, 'failed'],
    [awsErrors.batchRequestTooLong, 'TOO_LARGE', false, 'failed'],
    [awsErrors.kmsAccessDenied, 'DENIED', false, 'failed'],
    [awsErrors.kmsThrottled, 'THROTTLED', true, 'failed'],
  ] as const)('tells of a publish: $about', async (error, code, retryable, outcome) => {
    const { channel: orders } = group();
    const made = await behind();
    await made.provision(topology(orders), 'create');
    const sender = await made.sender(orders);
    proxy.inject('PublishBatch', awsFaults.error(error));
    const refused = sender.send(messages(3));
    await expect(refused).rejects.toMatchObject({ code, retryable, outcome });
    await expect(refused).rejects.toThrow(orders.address);
    proxy.heal();
    expect(await sender.send(messages(3))).toEqual([]);
  });

  it('fails only the entries that AWS has not taken', async () => {
    const { channel: orders } = group();
    const made = await behind();
    await made.provision(topology(orders), 'create');
    proxy.inject(
      'PublishBatch',
      awsFaults.entries(awsEntryErrors.throttled, (_, index) => index % 2 === 1),
    );
    const failures = await (await made.sender(orders)).send(messages(4));
    expect(failures.map(({ index, error }) => [index, error.code, error.retryable])).toEqual([
      [1, 'THROTTLED', true],
      [3, 'THROTTLED', true],
    ]);
  });

  it.each([
    ['reset', awsFaults.reset],
    ['loseReply', awsFaults.loseReply],
    ['silence', awsFaults.silence],
  ])('does not know what became of a call without an answer (%s)', async (_, fault) => {
    const { channel: orders } = group();
    const made = await behind();
    await made.provision(topology(orders), 'create');
    const sender = await made.sender(orders);
    proxy.inject('PublishBatch', fault, { times: 1 });
    await expect(sender.send(messages(1))).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true, outcome: 'unknown' });
    expect(await sender.send(messages(1))).toEqual([]);
  });

  it('is down in health while topics cannot be asked for, and says why', async () => {
    const { channel: orders } = group();
    const made = await behind();
    await made.provision(topology(orders), 'create');
    await (await made.sender(orders)).send(messages(1));
    expect(await made.health()).toEqual({ ok: true, why: undefined });
    proxy.inject('GetTopicAttributes', awsFaults.error(awsErrors.accessDenied));
    expect(await made.health()).toMatchObject({ ok: false, why: expect.stringContaining(orders.address) });
  });

  it('counts one call for ten messages, and one for a lone one', async () => {
    const { channel: orders } = group();
    const made = await behind();
    await made.provision(topology(orders), 'create');
    const sender = await made.sender(orders);
    proxy.resetCounts();
    await sender.send(messages(10));
    await sender.send(messages(1));
    expect(proxy.counts['PublishBatch']).toMatchObject({ calls: 2 });
    expect(Object.keys(proxy.counts)).toEqual(['PublishBatch']);
  });
});
