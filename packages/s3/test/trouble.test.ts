import type { IncomingMessage, RequestListener } from 'node:http';
import { describe, expect, test, vi } from 'vitest';
import { calm, store } from './aws.js';
import { refusal, server } from './server.js';

const credentials = { accessKeyId: 'id', secretAccessKey: 'very-secret' };
const pointer = { bucket: 'payloads', key: 'k' };

async function against(answer: RequestListener, options: Partial<Parameters<typeof store>[0]> = {}) {
  const { url, open } = await server(answer);
  const s3 = store({ bucket: 'payloads', endpoint: url, region: 'eu-west-1', credentials, maxAttempts: 1, ...options });
  return { s3, open };
}

const ofPut = ({ url, method }: IncomingMessage) => method === 'PUT' && url?.startsWith('/payloads/') === true;

describe('what S3 says', () => {
  test.each([
    [403, 'AccessDenied', 'DENIED', 's3:ListBucket'],
    [404, 'NoSuchKey', 'NOT_FOUND', 'gone'],
    [404, 'NoSuchBucket', 'TOPOLOGY', 'bucket'],
    [403, 'InvalidObjectState', 'INVALID', 'archived'],
    [400, 'KMS.DisabledException', 'DENIED', 'kms:Decrypt'],
    [301, 'PermanentRedirect', 'TOPOLOGY', 'region'],
    [503, 'SlowDown', 'THROTTLED', 'because'],
    [500, 'InternalError', 'CONNECTION', 'because'],
    [400, 'ExpiredToken', 'DENIED', '`credentials`'],
  ])('%i %s is %s', async (status, said, code, text) => {
    const { s3 } = await against(refusal(status, said));
    const error = await s3.get(pointer, calm()).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code, message: expect.stringContaining(text) as string });
    expect(JSON.stringify([error, String((error as Error).cause)])).not.toContain('very-secret');
  });

  test.each([
    ['put', 's3:PutObject'],
    ['get', 's3:GetObject'],
    ['delete', 's3:DeleteObject'],
  ] as const)('a denied %s names the permission', async (call, permission) => {
    const { s3 } = await against(refusal(403, 'AccessDenied'));
    const asked = call === 'put' ? s3.put(Buffer.from('x'), calm()) : s3[call](pointer, calm());
    await expect(asked).rejects.toMatchObject({
      code: 'DENIED',
      retryable: false,
      message: expect.stringContaining(permission) as string,
    });
  });

  test('a login that has ended is asked for anew, and the call is made again', async () => {
    const keys: string[] = [];
    const { s3 } = await against(
      (request, response) => {
        keys.push(/Credential=(\w+)/.exec(request.headers.authorization ?? '')?.[1] ?? '');
        if (keys.at(-1) === 'first') return refusal(400, 'ExpiredToken')(request, response);
        response.end('x');
      },
      { credentials: async () => ({ accessKeyId: keys.length === 0 ? 'first' : 'second', secretAccessKey: 's' }) },
    );
    expect(Buffer.from(await s3.get(pointer, calm())).toString()).toBe('x');
    expect(keys).toEqual(['first', 'second']);
  });

  test('a login that never comes is waited for no longer than the signal says, and closing not at all', async () => {
    const { s3 } = await against((_, response) => response.end('x'), { credentials: () => new Promise<never>(() => undefined) });
    const giveUp = new AbortController();
    const calls = [
      s3.get(pointer, { ...calm(), signal: giveUp.signal }),
      s3.put(Buffer.from('x'), { ...calm(), signal: giveUp.signal }),
      s3.delete(pointer, { signal: giveUp.signal }),
    ];
    giveUp.abort(new Error('enough'));
    for (const call of calls) await expect(call).rejects.toThrow('enough');
    await s3.close?.();
  });

  test('an endpoint that is not there is a connection that may come', async () => {
    const s3 = store({ bucket: 'payloads', endpoint: 'http://127.0.0.1:1', region: 'r', credentials, maxAttempts: 1 });
    await expect(s3.get(pointer, calm())).rejects.toMatchObject({ code: 'CONNECTION', retryable: true });
  });

  test('throttling is waited out, as often as maxAttempts says', async () => {
    let asked = 0;
    const { s3 } = await against(
      (request, response) => (asked++ < 2 ? refusal(503, 'SlowDown')(request, response) : response.end('x')),
      {
        maxAttempts: 3,
      },
    );
    expect(Buffer.from(await s3.get(pointer, calm())).toString()).toBe('x');
    expect(asked).toBe(3);
  });

  test('an encryption that was asked for goes with every write', async () => {
    const seen: unknown[] = [];
    const { s3 } = await against(
      (request, response) => {
        if (ofPut(request))
          seen.push(
            request.headers['x-amz-server-side-encryption'],
            request.headers['x-amz-server-side-encryption-aws-kms-key-id'],
          );
        request.resume().on('end', () => response.end());
      },
      { kmsKeyId: 'alias/payloads' },
    );
    await s3.put(Buffer.from('x'), calm());
    expect(seen).toEqual(['aws:kms', 'alias/payloads']);
  });
});

describe('a body that is not what it is said to be', () => {
  test('endless: it is cut off at maxBytes, and its connection closed', async () => {
    let written = 0;
    const { s3, open } = await against((_, response) => {
      const more = (): void => {
        while (!response.destroyed) {
          written += 64 * 1_024;
          if (!response.write(Buffer.alloc(64 * 1_024))) break;
        }
      };
      response.on('drain', more);
      more();
    });
    await expect(s3.get(pointer, { ...calm(), maxBytes: 200_000 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await vi.waitFor(() => expect(open.size).toBe(0));
    expect(written).toBeLessThan(64 * 1_024 * 1_024);
  });

  test('too large by its own word: nothing of it is read', async () => {
    const { s3, open } = await against((_, response) => {
      response.writeHead(200, { 'content-length': 10_000_000 });
      response.write('x');
    });
    await expect(s3.get(pointer, { ...calm(), maxBytes: 200_000 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('broken off: it is a connection that failed, never a short body', async () => {
    const { s3 } = await against((_, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('short', () => response.destroy());
    });
    await expect(s3.get(pointer, calm())).rejects.toMatchObject({ code: 'CONNECTION', retryable: true });
  });

  test('never coming: it ends with the signal, and with the idle time', async () => {
    const silent: RequestListener = (_, response) => void response.writeHead(200, { 'content-length': 10 }).write('x');
    const patient = await against(silent);
    const giveUp = new AbortController();
    const asked = patient.s3.get(pointer, { ...calm(), signal: giveUp.signal });
    await vi.waitFor(() => expect(patient.open.size).toBe(1));
    giveUp.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    await vi.waitFor(() => expect(patient.open.size).toBe(0));
    const idle = await against(() => {}, { idleTimeoutMs: 50 });
    await expect(idle.s3.get(pointer, calm())).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true });
  });
});

test('a closed store has no connection left', async () => {
  const { s3, open } = await against((_, response) => response.end('x'));
  await Promise.all(Array.from({ length: 10 }, () => s3.get(pointer, calm())));
  expect(open.size).toBeGreaterThan(0);
  await s3.close?.();
  await vi.waitFor(() => expect(open.size).toBe(0));
});
