import { virtualClock } from '@omnibus/core/transport';
import { expect, test } from 'vitest';
import { confirmation } from '../../src/http/confirm.js';
import { parsePost } from '../../src/http/post.js';
import { confirmationPost, fakeHosts, notification, post, signed, TOPIC } from './fake-sns.js';
import { rig } from './rig.js';

const CONFIRM_URL = `https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=a-token`;

test('a subscription of the topic is confirmed by its own SubscribeURL, once, and answered 200', async () => {
  const it = await rig();
  const body = JSON.stringify(signed(confirmationPost(it.clock, 'SubscriptionConfirmation')));
  expect((await post(it.url, body)).status).toBe(200);
  expect((await post(it.url, body)).status).toBe(200);
  expect(it.hosts.asked.filter((url) => url === CONFIRM_URL)).toEqual([CONFIRM_URL]);
  expect(it.posts.stats).toMatchObject({ confirmed: 1, accepted: 0 });
});

test('nobody else gets a subscription confirmed: forged and foreign ones visit nothing', async () => {
  const it = await rig();
  const forged = { ...signed(confirmationPost(it.clock, 'SubscriptionConfirmation')), Token: 'other' };
  const foreign = signed(confirmationPost(it.clock, 'SubscriptionConfirmation', 'a-token', `${TOPIC}2`));
  for (const fields of [forged, foreign]) expect((await post(it.url, JSON.stringify(fields))).status).toBe(403);
  expect(it.hosts.asked.some((url) => url.includes('Action='))).toBe(false);
});

test.each([
  'https://evil.example/?Action=ConfirmSubscription&TopicArn=T&Token=a-token',
  'https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&TopicArn=T&Token=a-token',
  'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=other&Token=a-token',
  'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=T&Token=other',
  'https://sns.eu-west-1.amazonaws.com/path?Action=ConfirmSubscription&TopicArn=T&Token=a-token',
])('a signed post never makes it visit %s', async (text) => {
  const it = await rig();
  const fields = { ...confirmationPost(it.clock, 'SubscriptionConfirmation'), SubscribeURL: text.replace('=T&', `=${TOPIC}&`) };
  expect((await post(it.url, JSON.stringify(signed(fields)))).status).toBe(503);
  expect(it.hosts.asked.some((url) => url.includes('Action='))).toBe(false);
  expect(it.endpoint.why).toContain('its SubscribeURL is not one of SNS');
});

test('a confirmation that fails is answered 503 and said by health, until SNS posts it again and it works', async () => {
  const it = await rig();
  it.hosts.at.set(CONFIRM_URL, { status: 500, body: Buffer.alloc(0) });
  const body = JSON.stringify(signed(confirmationPost(it.clock, 'SubscriptionConfirmation')));
  expect((await post(it.url, body)).status).toBe(503);
  expect(it.endpoint.why).toMatch(/waits to be confirmed .*SNS answered 500/);
  expect(it.endpoint.why).not.toContain('a-token');
  it.hosts.at.delete(CONFIRM_URL);
  expect((await post(it.url, body)).status).toBe(200);
  expect(it.endpoint.why).toBeUndefined();
});

test('a subscription that somebody ended is made to stand again by the token of that post; health is down until then', async () => {
  const it = await rig();
  it.hosts.at.set(CONFIRM_URL, new Error('ECONNREFUSED'));
  const body = JSON.stringify(signed(confirmationPost(it.clock, 'UnsubscribeConfirmation')));
  expect((await post(it.url, body)).status).toBe(503);
  expect(it.endpoint.why).toMatch(/was removed .*ECONNREFUSED/);
  it.hosts.at.delete(CONFIRM_URL);
  expect((await post(it.url, body)).status).toBe(200);
  expect(it.endpoint.why).toBeUndefined();
});

test('where the transport has the API, it confirms by the API and visits nothing', async () => {
  const clock = virtualClock(Date.now());
  const asked: string[][] = [];
  const { get, asked: visited } = fakeHosts();
  const api = confirmation({ clock, get, confirmSubscription: async (topicArn, token) => void asked.push([topicArn, token]) });
  const fields = signed(confirmationPost(clock, 'SubscriptionConfirmation', 'tok'));
  expect(await api.confirm(parsePost(Buffer.from(JSON.stringify(fields)))!)).toBe(true);
  expect([asked, visited]).toEqual([[[TOPIC, 'tok']], []]);
});

test('an API that does not answer within 8 s has failed', async () => {
  const clock = virtualClock(Date.now());
  const api = confirmation({
    clock,
    get: fakeHosts().get,
    confirmSubscription: (_, __, signal) =>
      new Promise((___, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  });
  const fields = signed(confirmationPost(clock, 'SubscriptionConfirmation'));
  const done = api.confirm(parsePost(Buffer.from(JSON.stringify(fields)))!);
  await clock.advance(8_000);
  expect(await done).toBe(false);
  expect(api.why).toContain('no answer within 8000 ms');
});

test('a Notification needs no token, a confirmation does', () => {
  const clock = virtualClock();
  const without = (fields: Record<string, unknown>): unknown =>
    parsePost(Buffer.from(JSON.stringify({ ...signed(fields), Token: undefined })));
  expect(without(notification(clock, 'x'))).toBeDefined();
  expect(without(confirmationPost(clock, 'SubscriptionConfirmation'))).toBeUndefined();
});
