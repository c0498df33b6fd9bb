import { KeyObject } from 'node:crypto';
import { virtualClock } from '@omnibus/core/transport';
import { expect, test } from 'vitest';
import { type Certificates, certificates } from '../../src/http/certificates.js';
import type { Get } from '../../src/http/get.js';
import { snsUrl } from '../../src/http/hosts.js';
import { CERT_URL, ELLIPTIC_CERT, type FakeHosts, fakeHosts, SIGNING_CERT, WEAK_CERT } from './fake-sns.js';

const HOST = 'https://sns.eu-west-1.amazonaws.com';

function parts(startMs = Date.now()): { certs: Certificates; hosts: FakeHosts; clock: ReturnType<typeof virtualClock> } {
  const clock = virtualClock(startMs);
  const hosts = fakeHosts();
  return { clock, hosts, certs: certificates({ get: hosts.get, clock }) };
}

test.each([
  `${HOST}/a.pem`,
  'https://sns.us-gov-west-1.amazonaws.com/a.pem',
  'https://sns.ap-southeast-2.amazonaws.com/a.pem',
  'https://sns.cn-north-1.amazonaws.com.cn/a.pem',
])('%s is a host of SNS', (url) => {
  expect(snsUrl(url)?.href).toBe(url);
});

test.each([
  'http://sns.eu-west-1.amazonaws.com/a.pem',
  'https://sns.eu-west-1.amazonaws.com:8443/a.pem',
  'https://sns.eu-west-1.amazonaws.com.evil.example/a.pem',
  'https://evil.example/sns.eu-west-1.amazonaws.com/a.pem',
  'https://sns.eu-west-1.amazonaws.com@evil.example/a.pem',
  'https://user@sns.eu-west-1.amazonaws.com/a.pem',
  'https://sns-eu-west-1.amazonaws.com/a.pem',
  'https://sns.evil.amazonaws.com/a.pem',
  'https://bucket.s3.eu-west-1.amazonaws.com/a.pem',
  'https://evilsns.eu-west-1.amazonaws.com/a.pem',
  'https://x.sns.eu-west-1.amazonaws.com/a.pem',
  'https://sns.eu-west-1.amazonaws.com\\.evil.example/a.pem',
  'https://sns.eu-west-1.amazonaws.com./a.pem',
  'https://127.0.0.1/a.pem',
  'file:///etc/a.pem',
  'a.pem',
  '',
  `${HOST}/a.pem?x=1`,
  `${HOST}/a.pem#x`,
  `${HOST}/a.txt`,
  `${HOST}/dir/a.pem`,
  `${HOST}/%2e%2e.pem`,
])('a certificate is never fetched from %s', async (url) => {
  const { certs, hosts } = parts();
  expect(await certs.keyOf(url)).toBe('untrusted');
  expect(hosts.asked).toEqual([]);
});

test('a certificate is fetched once, however many posts wait for it', async () => {
  const { certs, hosts } = parts();
  const keys = await Promise.all(Array.from({ length: 20 }, () => certs.keyOf(CERT_URL)));
  expect(keys.every((key) => key instanceof KeyObject)).toBe(true);
  expect(await certs.keyOf(CERT_URL)).toBe(keys[0]);
  expect(hosts.asked).toEqual([CERT_URL]);
});

test('a certificate is good within its dates only, cached or not', async () => {
  const late = parts(Date.parse('2200-01-01T00:00:00Z'));
  expect(await late.certs.keyOf(CERT_URL)).toBe('untrusted');
  const early = parts(Date.parse('2020-01-01T00:00:00Z'));
  expect(await early.certs.keyOf(CERT_URL)).toBe('untrusted');
  const { certs, clock } = parts();
  expect(await certs.keyOf(CERT_URL)).toBeInstanceOf(KeyObject);
  await clock.advance(Date.parse('2200-01-01T00:00:00Z') - Date.now());
  expect(await certs.keyOf(CERT_URL)).toBe('untrusted');
});

test.each([
  ['an elliptic key', ELLIPTIC_CERT],
  ['an RSA key of 1024 bits', WEAK_CERT],
  ['no certificate', Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')],
])('%s is not trusted, and not asked for again for a minute', async (_, body) => {
  const { certs, hosts, clock } = parts();
  hosts.at.set(CERT_URL, { status: 200, body });
  expect(await certs.keyOf(CERT_URL)).toBe('untrusted');
  hosts.at.set(CERT_URL, { status: 200, body: SIGNING_CERT });
  await clock.advance(59_999);
  expect(await certs.keyOf(CERT_URL)).toBe('untrusted');
  expect(hosts.asked.length).toBe(1);
  await clock.advance(1);
  expect(await certs.keyOf(CERT_URL)).toBeInstanceOf(KeyObject);
});

test('a URL of nothing is untrusted, a server in trouble unavailable and asked again', async () => {
  const { certs, hosts } = parts();
  expect(await certs.keyOf(`${HOST}/none.pem`)).toBe('untrusted');
  for (const trouble of [
    { status: 503, body: Buffer.alloc(0) },
    { status: 429, body: Buffer.alloc(0) },
    new Error('ECONNRESET'),
  ]) {
    hosts.at.set(CERT_URL, trouble);
    expect(await certs.keyOf(CERT_URL)).toBe('unavailable');
    expect(certs.why).toBeDefined();
  }
  hosts.at.set(CERT_URL, { status: 200, body: SIGNING_CERT });
  expect(await certs.keyOf(CERT_URL)).toBeInstanceOf(KeyObject);
  expect(certs.why).toBeUndefined();
});

test('a host that never answers is given up after 5 s, and no more than 4 requests are open at one time', async () => {
  const clock = virtualClock(Date.now());
  let open = 0;
  const get: Get = (_, __, signal) => {
    open++;
    return new Promise((___, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  };
  const certs = certificates({ get, clock });
  const answers = ['a', 'b', 'c', 'd', 'e'].map((name) => certs.keyOf(`${HOST}/${name}.pem`));
  expect(await answers[4]).toBe('unavailable');
  expect(open).toBe(4);
  await clock.advance(5_000);
  expect(await Promise.all(answers)).toEqual(Array(5).fill('unavailable'));
  expect(certs.why).toContain('5000 ms');
  expect(clock.pending).toBe(0);
});

test('URLs of nothing never push out a key that is used', async () => {
  const { certs, hosts } = parts();
  await certs.keyOf(CERT_URL);
  for (let n = 0; n < 2_000; n++) await certs.keyOf(`${HOST}/${n}.pem`);
  await certs.keyOf(CERT_URL);
  expect(hosts.asked.filter((url) => url === CERT_URL).length).toBe(1);
});
