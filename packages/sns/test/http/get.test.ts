import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { httpsGet } from '../../src/http/get.js';

/** A server that answers by path. Plain HTTP: that only https is asked for is the callers' rule. */
async function site(): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url === '/moved') response.writeHead(302, { location: '/ok' }).end();
    else if (request.url === '/large') response.end(Buffer.alloc(1_001));
    else if (request.url === '/ok') response.end('fine');
    else if (request.url === '/none') response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const never = new AbortController().signal;

test('a GET brings status and body', async () => {
  const url = await site();
  expect(await httpsGet(`${url}/ok`, 1_000, never)).toEqual({ status: 200, body: Buffer.from('fine') });
  expect(await httpsGet(`${url}/none`, 1_000, never)).toMatchObject({ status: 404 });
});

test('a redirect is not followed, and more bytes than allowed are not taken', async () => {
  const url = await site();
  await expect(httpsGet(`${url}/moved`, 1_000, never)).rejects.toThrow();
  await expect(httpsGet(`${url}/large`, 1_000, never)).rejects.toThrow('more than 1000 bytes');
});

test('an answer that does not come ends with the signal', async () => {
  const url = await site();
  const stop = new AbortController();
  const waiting = httpsGet(`${url}/silent`, 1_000, stop.signal);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});
