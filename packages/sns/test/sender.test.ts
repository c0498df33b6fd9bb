import { randomBytes } from 'node:crypto';
import { channel, message, messages } from '@omnibus/brokers/seam-objects';
import { type Channel, isMessagingError, type Message, MessagingError } from '@omnibus/core/transport';
import { describe, expect, it } from 'vitest';
import type { PublishEntry, PublishFailure, SnsClient } from '../src/client.js';
import { callError } from '../src/errors.js';
import { DEFAULTS, type ResolvedOptions } from '../src/options.js';
import { openSender } from '../src/sender.js';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:orders';

/** Stands for SNS's PublishBatch alone: it keeps what it is given, and answers what a test says. */
function fakeSns(
  answer: (entries: readonly PublishEntry[]) => readonly PublishFailure[] | Promise<readonly PublishFailure[]> = () => [],
  silent?: string,
) {
  const calls: (readonly PublishEntry[])[] = [];
  const client = {
    region: 'eu-west-1',
    async publish(_where: string, topicArn: string, entries: readonly PublishEntry[]) {
      expect(topicArn).toBe(TOPIC);
      calls.push(entries);
      const refused = await answer(entries);
      const taken = entries.map(({ Id }) => Id).filter((id) => id !== silent && !refused.some(({ Id }) => Id === id));
      return { taken, refused };
    },
  } as Partial<SnsClient> as SnsClient;
  return { client, calls };
}

function sender(client: SnsClient, to: Partial<Channel> = {}, options: Partial<ResolvedOptions> = {}) {
  const topics = { arn: async () => TOPIC, find: async () => TOPIC, add: () => undefined, refresh: () => undefined };
  return openSender({ client, topics, channel: channel('topic', 'orders', to), options: { ...DEFAULTS, ...options } });
}

const body = (bytes: number): Buffer => Buffer.alloc(bytes, 'x');

describe('sending to a topic', () => {
  it('puts a batch into one call, with the type as an attribute of its own', async () => {
    const { client, calls } = fakeSns();
    expect(await sender(client).send(messages(10, () => ({ headers: { tenant: 'a' } })))).toEqual([]);
    expect(calls).toHaveLength(1);
    expect(calls[0]!.map(({ Id }) => Id)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(calls[0]![0]!.MessageAttributes).toMatchObject({
      'ce-type': { DataType: 'String', StringValue: 'order.placed' },
      tenant: { DataType: 'String', StringValue: 'a' },
    });
    expect(calls[0]![0]).not.toHaveProperty('MessageGroupId');
  });

  it('never sends more attributes than raw delivery brings into a queue', async () => {
    const { client, calls } = fakeSns();
    const headers = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`h${index}`, 'x']));
    const trace = { 'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1' };
    const { h7: _, ...seven } = headers;
    expect(await sender(client).send([message({ headers }), message({ headers: { ...seven, ...trace } })])).toEqual([]);
    expect(calls[0]!.map(({ MessageAttributes = {} }) => Object.keys(MessageAttributes).length)).toEqual([10, 10]);
    expect(calls[0]![1]!.MessageAttributes).toMatchObject({ 'x-amzn-trace-id': { StringValue: trace['x-amzn-trace-id'] } });
    const [failure] = await sender(client).send([message({ headers: { ...headers, h8: 'x' } })]);
    expect(failure!.error).toMatchObject({ code: 'INVALID', message: expect.stringContaining("topic 'orders'") });
  });

  it('makes more calls where the messages are too large together', async () => {
    const { client, calls } = fakeSns();
    expect(await sender(client).send(messages(10, () => ({ body: body(100_000) })))).toEqual([]);
    expect(calls.map(({ length }) => length)).toEqual([2, 2, 2, 2, 2]);
    const large = fakeSns();
    expect(
      await sender(large.client, {}, { topicMaxMessageBytes: 1_048_576 }).send(messages(10, () => ({ body: body(100_000) }))),
    ).toEqual([]);
    expect(large.calls.map(({ length }) => length)).toEqual([10]);
  });

  it('tells which messages SNS did not take, and why, and nothing of the others', async () => {
    const refused: PublishFailure[] = [
      { Id: '1', Code: 'ThrottledException', Message: 'Rate exceeded', SenderFault: false },
      { Id: '3', Code: 'InvalidParameter', Message: 'Invalid parameter: Message too long', SenderFault: true },
      { Id: '4', Code: 'InternalError', Message: '', SenderFault: false },
      { Id: '5', Code: 'AuthorizationError', Message: 'no', SenderFault: true },
    ];
    const failures = await sender(fakeSns(() => refused).client).send(messages(6));
    expect(failures.map(({ index, error: { code, retryable } }) => [index, code, retryable])).toEqual([
      [1, 'THROTTLED', true],
      [3, 'TOO_LARGE', false],
      [4, 'THROTTLED', true],
      [5, 'DENIED', false],
    ]);
    for (const { error } of failures) expect(error.message).toContain("topic 'orders'");
  });

  it('does not know of an entry that SNS leaves unanswered', async () => {
    const refused: PublishFailure[] = [{ Id: '0', Code: 'InternalError', Message: '', SenderFault: false }];
    const failures = await sender(fakeSns(() => refused, '2').client).send(messages(4));
    expect(failures.map(({ index, error: { code, outcome, retryable } }) => [index, code, outcome, retryable])).toEqual([
      [0, 'THROTTLED', 'failed', true],
      [2, 'TIMEOUT', 'unknown', true],
    ]);
  });

  it('throws where the call fails as a whole, and fails only its part where there were more', async () => {
    const broken = new MessagingError('CONNECTION', 'away');
    await expect(sender(fakeSns(() => Promise.reject(broken)).client).send(messages(3))).rejects.toBe(broken);
    let calls = 0;
    const half = fakeSns(() => (++calls === 2 ? Promise.reject(broken) : []));
    const failures = await sender(half.client).send(messages(4, () => ({ body: body(100_000) })));
    expect(failures).toEqual([
      { index: 2, error: broken },
      { index: 3, error: broken },
    ]);
  });

  it('refuses 256 KiB and 1 byte, naming topic and fix, and still sends the rest', async () => {
    const { client, calls } = fakeSns();
    const failures = await sender(client).send([message({ body: body(262_145) }), message()]);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ index: 0, error: { code: 'TOO_LARGE', retryable: false } });
    expect(failures[0]!.error.message).toMatch(/topic 'orders'.*262144.*topicMaxMessageBytes/);
    expect(calls.flat().map(({ Id }) => Id)).toEqual(['1']);
  });

  it('counts bytes on the wire: what is no text goes as base64', async () => {
    const { client } = fakeSns();
    const bytes = randomBytes(200_000);
    expect(await sender(client).send([message({ body: body(200_000) })])).toEqual([]);
    const [failure] = await sender(client).send([message({ body: bytes })]);
    expect(failure!.error.message).toMatch(/base64/);
  });

  it('refuses a delay, which SNS has not', async () => {
    const [failure] = await sender(fakeSns().client).send([message({ delayMs: 1 })]);
    expect(failure!.error).toMatchObject({ code: 'INVALID', message: expect.stringContaining('delays nothing') });
  });

  it('refuses more than a batch, and anything once it is closed; closing waits for what is on its way', async () => {
    let answer = (_: readonly PublishFailure[]): void => {};
    const answered = new Promise<readonly PublishFailure[]>((resolve) => {
      answer = resolve;
    });
    const open = sender(fakeSns(() => answered).client);
    await expect(open.send(messages(11))).rejects.toMatchObject({ code: 'INVALID' });
    const sending = open.send(messages(1));
    let closed = false;
    const closing = open.close().then(() => {
      closed = true;
    });
    await expect(open.send(messages(1))).rejects.toMatchObject({ code: 'CLOSED' });
    expect(closed).toBe(false);
    answer([]);
    expect(await sending).toEqual([]);
    await closing;
  });
});

describe('sending to a FIFO topic', () => {
  const idsOf = async (...batch: Message[]) => {
    const { client, calls } = fakeSns();
    expect(await sender(client, { ordered: true }).send(batch)).toEqual([]);
    return calls.flat().map(({ MessageGroupId, MessageDeduplicationId }) => [MessageGroupId, MessageDeduplicationId]);
  };

  it('orders by key, and knows a message by its id', async () => {
    expect(await idsOf(message({ id: 'a', key: 'k' }), message({ id: 'b' }))).toEqual([
      ['k', 'a'],
      ['b', 'b'],
    ]);
    const [[group] = []] = await idsOf(message({ key: 'ein Schlüssel' }));
    expect(group).toMatch(/^[0-9a-f]{64}$/);
  });

  it('never lets a copy of the framework be swallowed as a duplicate of its original', async () => {
    const original = message({ id: 'a', key: 'k' });
    const copies = [{ 'omnibus-attempts': '2' }, { 'omnibus-attempts': '3' }, { 'omnibus-dead': '{}' }].map((headers) => ({
      ...original,
      headers,
    }));
    const ids = (await idsOf(original, ...copies)).map(([, id]) => id);
    expect(new Set(ids).size).toBe(4);
    expect(ids.slice(1).every((id) => id?.startsWith('a#'))).toBe(true);
    expect(await idsOf(copies[0]!)).toEqual(await idsOf(copies[0]!));
  });

  it('gives keys to standard topics only for fair queues', async () => {
    const { client, calls } = fakeSns();
    await sender(client, {}, { fairQueues: true }).send([message({ key: 'k' }), message()]);
    expect(calls[0]!.map(({ MessageGroupId }) => MessageGroupId)).toEqual(['k', undefined]);
    expect(calls[0]![0]).not.toHaveProperty('MessageDeduplicationId');
  });
});

/** As the AWS SDK throws them. */
const thrown = (
  name: string,
  message = 'secret in here',
  rest: object = { $fault: 'client', $metadata: { httpStatusCode: 400 } },
): Error => Object.assign(new Error(message), { name, ...rest });

describe('an error of SNS', () => {
  it.each([
    [thrown('NotFoundException'), 'NO_ROUTE', false, 'failed', /does not exist.*provision: create/],
    [thrown('ThrottledException'), 'THROTTLED', true, 'failed', /no more calls/],
    [thrown('Throttling'), 'THROTTLED', true, 'failed', /no more calls/],
    [thrown('AuthorizationErrorException'), 'DENIED', false, 'failed', /app\.plan/],
    [thrown('AccessDeniedException'), 'DENIED', false, 'failed', /app\.plan/],
    [thrown('InvalidClientTokenId'), 'DENIED', false, 'failed', /credentials/],
    [thrown('KMSAccessDeniedException'), 'DENIED', false, 'failed', /KMS key/],
    [thrown('KMSThrottlingException'), 'THROTTLED', true, 'failed', /no more calls/],
    [thrown('FilterPolicyLimitExceededException'), 'TOPOLOGY', false, 'failed', /ask AWS for more/],
    [
      thrown('InvalidParameterException', 'Invalid parameter: Message too long'),
      'TOO_LARGE',
      false,
      'failed',
      /topicMaxMessageBytes/,
    ],
    [thrown('BatchRequestTooLongException'), 'TOO_LARGE', false, 'failed', /together/],
    [
      thrown('InternalErrorException', '', { $fault: 'server', $metadata: { httpStatusCode: 500 } }),
      'THROTTLED',
      true,
      'unknown',
      /HTTP 500/,
    ],
    [thrown('Error', '', { code: 'ECONNREFUSED' }), 'TIMEOUT', true, 'failed', /cannot be reached.*ECONNREFUSED/],
    [thrown('CredentialsProviderError', 'none found'), 'DENIED', true, 'failed', /no credentials: none found/],
    [thrown('SyntaxError', '', { $metadata: { httpStatusCode: 200 } }), 'TIMEOUT', true, 'unknown', /cannot be read/],
    [thrown('Error', '', { code: 'ENETUNREACH', syscall: 'connect' }), 'TIMEOUT', true, 'failed', /cannot be reached/],
    [thrown('Error', '', { code: 'ENETUNREACH', syscall: 'read' }), 'TIMEOUT', true, 'unknown', /no answer came/],
    [thrown('Error', '', { code: 'ECONNRESET' }), 'TIMEOUT', true, 'unknown', /no answer came/],
  ])('%s says what happened and what to do', (error, code, retryable, outcome, why) => {
    const told = callError("sending to topic 'orders'", error);
    expect(isMessagingError(told)).toBe(true);
    expect(told).toMatchObject({ code, retryable, outcome, message: expect.stringMatching(why) });
    expect(told.message).toContain("sns: sending to topic 'orders'");
  });
});
