import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { snsEndpoint } from '../../src/http/door.js';
import { notification, post, signed } from './fake-sns.js';
import { rig, takeAndAck } from './rig.js';

test('only POST is taken', async () => {
  const it = await rig();
  for (const method of ['GET', 'PUT', 'HEAD', 'DELETE']) expect((await post(it.url, '', {}, { method })).status).toBe(405);
  expect(it.posts.stats.refused.method).toBe(4);
});

test('a body over 2 MB is refused, announced or not, and not read to its end', async () => {
  const it = await rig();
  expect((await post(it.url, Buffer.alloc(2 * 1024 * 1024 + 1, 'a'))).status).toBe(413);
  const status = await new Promise<number>((resolve, reject) => {
    const chunked = request(it.url, { method: 'POST' }, (response) => resolve(response.resume().statusCode ?? 0));
    chunked.on('error', reject);
    for (let part = 0; part < 33; part++) chunked.write(Buffer.alloc(64 * 1024, 'a'));
  });
  expect(status).toBe(413);
  expect(it.posts.stats.refused['too-large']).toBe(2);
});

test('a body that is announced as too large is refused before any of it comes', async () => {
  const it = await rig();
  const socket = connect(Number(new URL(it.url).port), '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2097153\r\n\r\n');
  await expect.poll(() => text).toContain('HTTP/1.1 413');
  socket.destroy();
});

test('a body that does not come within 5 s is given up for now, and its connection ended', async () => {
  const it = await rig();
  const socket = connect(Number(new URL(it.url).port), '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  const ended = new Promise((resolve) => socket.on('close', resolve));
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"a');
  await expect.poll(() => it.clock.pending).toBe(1);
  await it.clock.advance(5_000);
  await expect.poll(() => text).toContain('HTTP/1.1 503');
  expect(text.toLowerCase()).toContain('connection: close');
  await it.clock.advance(1_000);
  await ended;
  expect(it.posts.stats.refused.slow).toBe(1);
});

test('a sender that hangs up in the middle of its body costs nothing', async () => {
  const it = await rig();
  const socket = connect(Number(new URL(it.url).port), '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"a');
  await expect.poll(() => it.clock.pending).toBe(1);
  socket.destroy();
  await expect.poll(() => it.posts.stats.refused.garbage).toBe(1);
  expect(it.clock.pending).toBe(0);
});

for (const [name, parse] of [
  ['text', (text: string): unknown => text],
  ['bytes', (text: string): unknown => Buffer.from(text)],
  ['json', (text: string): unknown => JSON.parse(text)],
] as const)
  test(`a body that a framework left at request.body as ${name} is taken`, async () => {
    const it = await rig();
    const server = createServer((incoming, response) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (part: string) => (text += part));
      incoming.on('end', () => it.posts.listener(Object.assign(incoming, { body: parse(text) }), response));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const answer = post(url, JSON.stringify(signed(notification(it.clock, 'é"\\'))));
    expect(Buffer.from((await takeAndAck(it.receiver)).body).toString()).toBe('é"\\');
    expect((await answer).status).toBe(200);
  });

test('a framework that answered by itself, or left what is no JSON, makes nothing throw', async () => {
  const it = await rig();
  const server = createServer((incoming, response) => {
    const body: Record<string, unknown> = {};
    body['self'] = body;
    incoming.resume().on('end', () => {
      if (incoming.url === '/answered') response.end('mine');
      it.posts.listener(Object.assign(incoming, { body }), response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await post(`${url}/answered`, '{}')).toEqual({ status: 200, text: 'mine' });
  expect((await post(`${url}/`, '{}')).status).toBe(503);
});

test('handle takes what is no node:http request, its header names in any case', async () => {
  const it = await rig();
  const body = JSON.stringify(signed(notification(it.clock, 'x')));
  const answer = it.posts.handle({ method: 'POST', headers: {}, body });
  await takeAndAck(it.receiver);
  expect(await answer).toMatchObject({ status: 200 });
  expect(await it.posts.handle({ method: 'POST', headers: { 'X-Amz-Sns-RawDelivery': 'true' }, body })).toMatchObject({
    status: 403,
  });
  expect(await it.posts.handle({ method: 'GET', headers: {}, body })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  expect(await it.posts.handle({ method: 'POST', headers: {}, body: 'a'.repeat(2_097_153) })).toMatchObject({ status: 413 });
});

test('an endpoint that no app reads answers 503', async () => {
  const endpoint = snsEndpoint();
  expect(await endpoint.handle({ method: 'POST', headers: {}, body: '{}' })).toMatchObject({ status: 503 });
  expect(endpoint.stats.refused.closed).toBe(1);
});
