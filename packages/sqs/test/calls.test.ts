import { awsFaults } from '@omnibus/brokers';
import { type ErrorCode, virtualClock } from '@omnibus/core/transport';
import { describe, expect, it } from 'vitest';
import { callError } from '../src/errors.js';
import { sqs } from '../src/index.js';
import { DEFAULTS } from '../src/options.js';
import { connected, proxy, reach, unique } from './emulator.js';
import { channel, message, subscription } from './messages.js';

/** What SQS says, by AWS's documentation; the proxy says it in SQS's place, until `end`. */
const said = (name: string, status = 400) => {
  const json = { status, type: `com.amazonaws.sqs#${name}`, code: name, message: `${name}: as the documentation has it` };
  const injection = proxy.inject('*', awsFaults.error({ about: name, forms: { json } }));
  return () => injection.remove();
};

const failing = async (work: () => Promise<unknown>) => {
  try {
    await work();
  } catch (error) {
    return error as Error & { code: ErrorCode; retryable: boolean; outcome: string };
  }
  throw new Error('it was to fail');
};

async function sending(options = {}) {
  const transport = await connected(options);
  const address = unique('orders');
  const sender = await transport.sender(channel({ address }));
  return { transport, address, send: () => sender.send([message({ body: Buffer.from('secret-payload') })]) };
}

describe('what AWS refuses', () => {
  it.each([
    ['AccessDenied', 403, 'DENIED', false, /IAM policy/],
    ['InvalidClientTokenId', 403, 'DENIED', false, /credentials/],
    ['SignatureDoesNotMatch', 403, 'DENIED', false, /credentials/],
    ['KmsAccessDenied', 400, 'DENIED', false, /KMS key/],
    ['RequestThrottled', 400, 'THROTTLED', true, /no more calls/],
    ['ThrottlingException', 400, 'THROTTLED', true, /no more calls/],
    ['OverLimit', 403, 'THROTTLED', true, /120,000/],
    ['ServiceUnavailable', 503, 'THROTTLED', true, /failed inside/],
    ['InternalFailure', 500, 'THROTTLED', true, /failed inside/],
    ['QueueDoesNotExist', 400, 'NO_ROUTE', false, /provision it/],
    ['UnsupportedOperation', 400, 'INVALID', false, /UnsupportedOperation/],
  ] as const)('%s is an error that names the queue and the fix', async (name, status, code, retryable, fix) => {
    const { send, address } = await sending();
    const end = said(name, status);
    const error = await failing(send);
    end();
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).toContain(`queue '${address}'`);
    expect(error.message).toMatch(fix);
    expect(error.message).not.toMatch(/secret/);
  });
});

describe('credentials', () => {
  it('that are fixed and have expired are DENIED for good', async () => {
    const { send } = await sending();
    const end = said('ExpiredToken', 403);
    expect(await failing(send)).toMatchObject({
      code: 'DENIED',
      retryable: false,
      message: expect.stringMatching(/give a function/),
    });
    end();
  });

  it('that expire mid-run are asked for anew, and the call may be tried again', async () => {
    let asked = 0;
    const credentials = async () => ({ accessKeyId: `id-${++asked}`, secretAccessKey: 'a-secret', sessionToken: 'a-token' });
    const { transport, address, send } = await sending({ credentials });
    await transport.provision({ channels: [channel({ address })], subscriptions: [], deadLetters: [], retries: [] }, 'create');
    expect(asked).toBe(1);
    const end = said('ExpiredTokenException');
    const error = await failing(send);
    end();
    expect(error).toMatchObject({ code: 'DENIED', retryable: true });
    expect(error.message).not.toMatch(/a-secret|a-token/);
    expect(asked).toBe(2);
    expect(await send()).toEqual([]);
  });

  it('that nobody can give any more are DENIED, to be tried again', async () => {
    let asked = 0;
    const credentials = async () => {
      if (++asked > 1) throw Object.assign(new Error('the role is gone'), { name: 'CredentialsProviderError' });
      return { accessKeyId: 'id', secretAccessKey: 'secret' };
    };
    const { send } = await sending({ credentials });
    const end = said('ExpiredToken', 403);
    expect(await failing(send)).toMatchObject({
      code: 'DENIED',
      retryable: true,
      message: expect.stringMatching(/the role is gone/),
    });
    end();
  });

  it('that never come hold up no call beyond its deadline', async () => {
    let asked = 0;
    const credentials = () =>
      ++asked === 1 ? Promise.resolve({ accessKeyId: 'id', secretAccessKey: 'secret' }) : new Promise<never>(() => undefined);
    const { send, transport } = await sending({ credentials, callTimeoutMs: 100 });
    const end = said('ExpiredToken', 403);
    expect(await failing(send)).toMatchObject({ code: 'TIMEOUT', retryable: true });
    end();
    expect(asked).toBe(2);
    await transport.close();
  });

  it('that never come for a signature hold up no call beyond its deadline', async () => {
    let isGone = false;
    const soon = { accessKeyId: 'id', secretAccessKey: 'secret', expiration: new Date(0) };
    const credentials = () => (isGone ? new Promise<never>(() => undefined) : Promise.resolve(soon));
    const { send, transport } = await sending({ credentials, callTimeoutMs: 100 });
    isGone = true;
    expect(await failing(send)).toMatchObject({ code: 'TIMEOUT', retryable: true });
    await transport.close();
  });

  it('that never come when it connects are no reason to wait for ever', async () => {
    const credentials = () => new Promise<never>(() => undefined);
    expect(await failing(() => connected({ credentials, callTimeoutMs: 100 }))).toMatchObject({
      code: 'TIMEOUT',
      retryable: true,
      message: expect.stringMatching(/credentials/),
    });
  });

  it('that are none are refused when it connects', async () => {
    expect(await failing(() => connected({ credentials: { accessKeyId: 'id' } as never }))).toMatchObject({ code: 'CONFIG' });
    const credentials = async () => Promise.reject(new Error('no role'));
    expect(await failing(() => connected({ credentials }))).toMatchObject({
      code: 'DENIED',
      message: expect.stringMatching(/no role/),
    });
  });

  it('may be frozen, as those of a configuration are', async () => {
    const { send } = await sending({ credentials: Object.freeze({ accessKeyId: 'id', secretAccessKey: 'secret' }) });
    expect(await failing(send)).toMatchObject({ code: 'NO_ROUTE' });
  });
});

describe('a call', () => {
  it('that gets no answer ends by its deadline, its outcome unknown', async () => {
    const { transport, address, send } = await sending({ callTimeoutMs: 100 });
    await transport.provision({ channels: [channel({ address })], subscriptions: [], deadLetters: [], retries: [] }, 'create');
    const silence = proxy.inject('*', awsFaults.silence);
    const error = await failing(send);
    silence.remove();
    expect(error).toMatchObject({
      code: 'TIMEOUT',
      retryable: true,
      outcome: 'unknown',
      message: expect.stringContaining(address),
    });
  });

  it('whose connection breaks has an unknown outcome, and is no lost link', async () => {
    const { send, transport, address } = await sending();
    await transport.provision({ channels: [channel({ address })], subscriptions: [], deadLetters: [], retries: [] }, 'create');
    const cut = proxy.inject('*', awsFaults.reset);
    expect(await failing(send)).toMatchObject({ code: 'TIMEOUT', retryable: true, outcome: 'unknown' });
    cut.remove();
    expect(await send()).toEqual([]);
  });

  it('whose answer cannot be read has an unknown outcome: a proxy on the way has cut it, or spoken in the place of SQS', () => {
    const cut = Object.assign(new SyntaxError('Unexpected end of JSON input'), { $metadata: { httpStatusCode: 200 } });
    const error = callError("sending to queue 'orders'", cut);
    expect(error).toMatchObject({ code: 'TIMEOUT', retryable: true, outcome: 'unknown' });
    expect(error.message).toMatch(/queue 'orders': the answer cannot be read/);
  });

  it('that reaches nobody may be made again: nothing has left, and no link is lost', async () => {
    const { send, transport } = await sending({ endpoint: 'http://127.0.0.1:1' });
    expect(await failing(send)).toMatchObject({
      code: 'TIMEOUT',
      retryable: true,
      outcome: 'failed',
    });
    const address = unique('orders');
    expect(await failing(() => transport.receiver(subscription(channel({ address }))))).toMatchObject({ code: 'TIMEOUT' });
  });
});

describe('a network that is gone', () => {
  const broken = (code: string, syscall: string) =>
    callError("sending to queue 'orders'", Object.assign(new Error(code), { code, syscall }));

  it.each(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'])('says %s before anything has left', (code) => {
    expect(broken(code, 'connect')).toMatchObject({ code: 'TIMEOUT', retryable: true, outcome: 'failed' });
  });

  it.each(['EHOSTUNREACH', 'ENETUNREACH'])('says %s of a link that stood, when everything may have left', (code) => {
    for (const syscall of ['read', 'write'])
      expect(broken(code, syscall)).toMatchObject({ code: 'TIMEOUT', retryable: true, outcome: 'unknown' });
  });
});

describe('the transport', () => {
  it('is healthy while SQS answers', async () => {
    const { transport, address } = await sending();
    expect(await transport.health()).toEqual({ ok: true, why: undefined });
    await transport.provision({ channels: [channel({ address })], subscriptions: [], deadLetters: [], retries: [] }, 'create');
    expect(await transport.health()).toEqual({ ok: true, why: undefined });
    const end = said('AccessDenied', 403);
    expect(await transport.health()).toMatchObject({ ok: false, why: expect.stringMatching(/AccessDenied/) });
    end();
  });

  it('may be closed before it connects, twice, and does nothing afterwards', async () => {
    const transport = sqs.create({ ...DEFAULTS, ...reach }, { service: 's', instance: 'i', clock: virtualClock() });
    await transport.close();
    await transport.close();
    expect(await failing(() => transport.connect())).toMatchObject({ code: 'CLOSED' });
    expect(await failing(() => transport.sender(channel()))).toMatchObject({ code: 'CLOSED' });
  });

  it('refuses times that SQS cannot keep, and rounds none of them', () => {
    for (const option of ['visibilityMs', 'waitMs', 'retentionMs'])
      expect(() => sqs.create({ ...DEFAULTS, [option]: 90_500 }, { service: 's', instance: 'i', clock: virtualClock() })).toThrow(
        `sqs: the option '${option}' is 90500 ms, and SQS counts in whole seconds`,
      );
  });

  it('needs a region', async () => {
    const { AWS_REGION, AWS_CONFIG_FILE } = process.env;
    delete process.env['AWS_REGION'];
    process.env['AWS_CONFIG_FILE'] = '/does/not/exist';
    try {
      const { region: _, ...rest } = reach;
      const transport = sqs.create({ ...DEFAULTS, ...rest }, { service: 's', instance: 'i', clock: virtualClock() });
      expect(await failing(() => transport.connect())).toMatchObject({
        code: 'CONFIG',
        message: expect.stringMatching(/'region'/),
      });
      await transport.close();
    } finally {
      if (AWS_REGION !== undefined) process.env['AWS_REGION'] = AWS_REGION;
      if (AWS_CONFIG_FILE === undefined) delete process.env['AWS_CONFIG_FILE'];
      else process.env['AWS_CONFIG_FILE'] = AWS_CONFIG_FILE;
    }
  });
});
