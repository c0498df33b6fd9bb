import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { systemClock } from '@omnibus/core/transport';
import { expect, onTestFinished, test } from 'vitest';
import { httpEndpoint } from '../../src/http/endpoint.js';
import { readNotification } from '../../src/http/read-notification.js';
import { httpServers, type Listener } from '../../src/http/server.js';
import { fakeQueue } from './fake-queue.js';
import { fakeHosts, notification, post, signed, TOPIC } from './fake-sns.js';
import { takeAndAck } from './rig.js';
import { groupOf } from './subscription.js';

const answering =
  (status: number): Listener =>
  (request, response) => {
    request.resume();
    response.writeHead(status).end();
  };

async function freePort(): Promise<number> {
  const mounted = await httpServers(systemClock).mount({ host: '127.0.0.1', port: 0, path: '/' }, answering(200));
  await mounted.close();
  return mounted.port;
}

test('endpoints with one host and port share a server, each at its path, and it ends with the last of them', async () => {
  const servers = httpServers(systemClock);
  const listen = { host: '127.0.0.1', port: await freePort() };
  const url = `http://127.0.0.1:${listen.port}`;
  const [a, b] = await Promise.all([
    servers.mount({ ...listen, path: '/a' }, answering(201)),
    servers.mount({ ...listen, path: '/b' }, answering(202)),
  ]);
  await expect(servers.mount({ ...listen, path: '/a' }, answering(200))).rejects.toMatchObject({ code: 'INVALID' });
  const statuses = async (): Promise<number[]> =>
    (await Promise.all(['/a', '/b?x=1', '/c', '/a/'].map((path) => post(`${url}${path}`, '')))).map(({ status }) => status);
  expect(await statuses()).toEqual([201, 202, 404, 404]);
  await Promise.all([a.close(), a.close()]);
  expect(await statuses()).toEqual([404, 202, 404, 404]);
  await b.close();
  await expect(post(`${url}/b`, '')).rejects.toThrow('ECONNREFUSED');
});

test('a port that is taken is a CONNECTION error that names it, and it may be tried again', async () => {
  const first = await httpServers(systemClock).mount({ host: '127.0.0.1', port: 0, path: '/' }, answering(200));
  const servers = httpServers(systemClock);
  const listen = { host: '127.0.0.1', port: first.port, path: '/' };
  await expect(servers.mount(listen, answering(200))).rejects.toMatchObject({
    code: 'CONNECTION',
    message: expect.stringContaining(`127.0.0.1:${first.port}`),
  });
  await first.close();
  const again = await servers.mount(listen, answering(200));
  await again.close();
});

test('with a certificate and its key it speaks TLS, and one without the other is CONFIG', async () => {
  const pem = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
  const servers = httpServers(systemClock);
  const listen = { host: '127.0.0.1', port: 0, path: '/', cert: pem('signing.cert.pem'), key: pem('signing.key.pem') };
  const mounted = await servers.mount(listen, answering(204));
  const status = await new Promise<number>((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: mounted.port, rejectUnauthorized: false, agent: false }, (response) =>
      resolve(response.resume().statusCode ?? 0),
    );
    outgoing.on('error', reject).end();
  });
  expect(status).toBe(204);
  await mounted.close();
  const { key: _, ...half } = listen;
  await expect(servers.mount(half, answering(204))).rejects.toMatchObject({ code: 'CONFIG' });
  await expect(servers.mount({ ...listen, key: 'secret' }, answering(204))).rejects.toMatchObject({
    code: 'CONFIG',
    message: expect.not.stringContaining('secret'),
  });
});

test('connections that say nothing do not keep a server from ending', async () => {
  const mounted = await httpServers(systemClock).mount({ host: '127.0.0.1', port: 0, path: '/' }, answering(200));
  const silent = connect(mounted.port, '127.0.0.1');
  const ended = new Promise((resolve) => silent.on('close', resolve).on('error', () => {}));
  await new Promise((resolve) => silent.on('connect', resolve));
  await mounted.close();
  await ended;
});

test('an endpoint that listens by itself is open from open to close, at the path of its url', async () => {
  const port = await freePort();
  const hosts = fakeHosts();
  const endpoint = httpEndpoint({
    name: 'orders/shipping',
    options: { url: 'https://public.example/hooks/orders', listen: { host: '127.0.0.1', port } },
    clock: systemClock,
    servers: httpServers(systemClock),
    read: readNotification,
    get: hosts.get,
  });
  const url = `http://127.0.0.1:${port}/hooks/orders`;
  await expect(post(url, '')).rejects.toThrow('ECONNREFUSED');
  for (let round = 0; round < 2; round++) {
    const receiver = await endpoint.open(groupOf(4), { topicArn: TOPIC, queue: fakeQueue().open(systemClock), queueBatch: 10 });
    onTestFinished(() => receiver.close());
    const answer = post(url, JSON.stringify(signed(notification(systemClock, 'x'), '2')));
    await takeAndAck(receiver);
    expect((await answer).status).toBe(200);
    const held = post(url, JSON.stringify(signed(notification(systemClock, 'held'))));
    await receiver.receive(1, new AbortController().signal);
    await receiver.close();
    expect((await held).status, 'given back').toBe(503);
    await expect(post(url, '')).rejects.toThrow('ECONNREFUSED');
  }
  expect(hosts.asked.length, 'the certificate is remembered').toBe(1);
});

test('an endpoint needs a place to listen or one that was made by code, not both', () => {
  const options = { url: 'https://public.example/' };
  const make =
    (over: object): (() => unknown) =>
    () =>
      httpEndpoint({
        name: 'orders/shipping',
        options: { ...options, ...over },
        clock: systemClock,
        servers: httpServers(systemClock),
        read: readNotification,
      });
  for (const over of [{}, { endpoint: 'x' }, { listen: { port: 1 }, endpoint: {} }])
    expect(make(over)).toThrow('endpoints: "orders/shipping" needs one of listen');
});
