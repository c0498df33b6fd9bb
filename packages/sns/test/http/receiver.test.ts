import { generateKeyPairSync } from 'node:crypto';
import { ACK, type Delivery, RELEASE } from '@omnibus/core/transport';
import { expect, test } from 'vitest';
import { CERT_URL, deliver, notification, post, SIGNING_CERT, signed, TOPIC } from './fake-sns.js';
import { type Rig, rig, take, takeAndAck } from './rig.js';

const text = (delivery: Delivery): string => Buffer.from(delivery.body).toString();

/** Gives the virtual clock time until the promise is settled; real sockets move meanwhile. */
async function advanceUntil<T>({ clock }: Rig, promise: Promise<T>, stepMs = 1_000): Promise<T> {
  let done = false;
  const over = promise.finally(() => (done = true));
  while (!done) await clock.advance(stepMs);
  return over;
}

for (const version of ['1', '2'] as const)
  test(`a notification of signature version ${version} is delivered, and answered 200 when it is acked`, async () => {
    const it = await rig();
    const attributes = {
      'ce-id': { Type: 'String', Value: 'id-1' },
      'ce-type': { Type: 'String', Value: 'order.placed' },
      'ce-time': { Type: 'String', Value: '2026-01-02T03:04:05.678Z' },
      'content-type': { Type: 'String', Value: 'application/json' },
      tenant: { Type: 'String', Value: 'a' },
      count: { Type: 'Number', Value: '7' },
      bytes: { Type: 'Binary', Value: Buffer.from('hé').toString('base64') },
    };
    const answer = deliver(
      it.url,
      signed(notification(it.clock, '{"orderId":"1"}', { attributes, subject: 'né\nw' }), version),
      it.clock,
    );
    const [delivery] = await take(it.receiver);
    expect(delivery).toMatchObject({
      id: 'id-1',
      type: 'order.placed',
      time: Date.parse('2026-01-02T03:04:05.678Z'),
      contentType: 'application/json',
      headers: { tenant: 'a', count: '7', bytes: 'hé' },
      deliveries: 0,
      lockedUntil: 14_000,
    });
    expect(text(delivery!)).toBe('{"orderId":"1"}');
    expect(it.posts.stats.done).toBe(0);
    expect(await it.receiver.settle([delivery!], ACK)).toEqual([]);
    expect(await answer).toEqual([200]);
    expect(it.posts.stats).toMatchObject({ accepted: 1, done: 1 });
    expect(await it.receiver.settle([delivery!], ACK), 'a second settle is no error').toEqual([]);
  });

test('a message that others publish without attributes has the id and the time of SNS', async () => {
  const it = await rig();
  const fields = notification(it.clock, 'plain', { timestamp: new Date(it.clock.now() - 5_000).toISOString() });
  const answer = deliver(it.url, signed(fields), it.clock);
  expect(await takeAndAck(it.receiver)).toMatchObject({ id: fields['MessageId'], type: '', time: it.clock.now() - 5_000 });
  expect(await answer).toEqual([200]);
});

for (const [name, verdict] of [
  ['retry', { type: 'retry', delayMs: 0 }],
  ['release', RELEASE],
] as const)
  test(`a ${name} is answered 503, and SNS's next try is delivered, not taken for a replay`, async () => {
    const it = await rig();
    const answer = deliver(it.url, signed(notification(it.clock, 'x')), it.clock);
    const [first] = await take(it.receiver);
    await it.receiver.settle([first!], verdict);
    const again = take(it.receiver);
    const [second] = await advanceUntil(it, again);
    expect(second?.id).toBe(first?.id);
    await it.receiver.settle([second!], ACK);
    expect(await answer).toEqual([503, 200]);
  });

test('a retry with a delay is INVALID: SNS alone decides when it posts again', async () => {
  const it = await rig();
  const answer = deliver(it.url, signed(notification(it.clock, 'x')), it.clock);
  const [delivery] = await take(it.receiver);
  await expect(it.receiver.settle([delivery!], { type: 'retry', delayMs: 1 })).rejects.toMatchObject({ code: 'INVALID' });
  await it.receiver.settle([delivery!], ACK);
  expect(await answer).toEqual([200]);
});

test('a handler that takes longer than 14 s: 503, its settle is LOST, and the next try is answered 200 without handling it again', async () => {
  const it = await rig();
  const answer = deliver(it.url, signed(notification(it.clock, 'slow')), it.clock);
  const [delivery] = await take(it.receiver);
  await it.clock.advance(14_000);
  expect(await it.receiver.settle([delivery!], ACK)).toMatchObject([{ index: 0, error: { code: 'LOST' } }]);
  expect(await advanceUntil(it, answer)).toEqual([503, 200]);
  expect(it.posts.stats).toMatchObject({ accepted: 1, late: 1, repeated: 1, done: 0 });
});

test('what was late and failed is delivered again', async () => {
  const it = await rig();
  const answer = deliver(it.url, signed(notification(it.clock, 'slow')), it.clock);
  const [first] = await take(it.receiver);
  await it.clock.advance(14_000);
  expect(await it.receiver.settle([first!], RELEASE)).toMatchObject([{ index: 0, error: { code: 'LOST' } }]);
  const [second] = await advanceUntil(it, take(it.receiver));
  await it.receiver.settle([second!], ACK);
  expect(await advanceUntil(it, answer)).toEqual([503, 200]);
});

test('what nobody took within 14 s is answered 503 and never handed out', async () => {
  const it = await rig();
  const stale = post(it.url, JSON.stringify(signed(notification(it.clock, 'stale'))));
  await expect.poll(() => it.posts.stats.accepted).toBe(1);
  await it.clock.advance(14_000);
  expect((await stale).status).toBe(503);
  const fresh = post(it.url, JSON.stringify(signed(notification(it.clock, 'fresh'))));
  await expect.poll(() => it.posts.stats.accepted).toBe(2);
  expect(text(await takeAndAck(it.receiver))).toBe('fresh');
  expect((await fresh).status).toBe(200);
});

test('a replayed post of a message that was done is answered 200 and not handled; after the window it is expired', async () => {
  const it = await rig();
  const body = JSON.stringify(signed(notification(it.clock, 'once')));
  const first = post(it.url, body);
  await takeAndAck(it.receiver);
  await first;
  expect((await post(it.url, body)).status).toBe(200);
  await it.clock.advance(3_900_000);
  expect((await post(it.url, body)).status).toBe(200);
  await it.clock.advance(1);
  expect(await post(it.url, body)).toEqual({ status: 403, text: 'refused: expired\n' });
  expect(it.posts.stats).toMatchObject({ accepted: 1, repeated: 2 });
});

test('a message that was done is known to the next receiver, and a second post of one that is held is refused for now', async () => {
  const it = await rig();
  const held = JSON.stringify(signed(notification(it.clock, 'held')));
  const first = post(it.url, held);
  const [delivery] = await take(it.receiver);
  expect((await post(it.url, held)).status).toBe(503);
  await it.receiver.settle([delivery!], ACK);
  expect((await first).status).toBe(200);
  await it.receiver.close();
  await it.reopen();
  expect((await post(it.url, held)).status).toBe(200);
  expect(it.posts.stats).toMatchObject({ accepted: 1, repeated: 1 });
});

test('posts over the window are answered 503 at once, and taken when there is room again', async () => {
  const it = await rig({ window: 2 });
  const bodies = ['a', 'b', 'c'].map((message) => JSON.stringify(signed(notification(it.clock, message))));
  const first = post(it.url, bodies[0]!);
  await expect.poll(() => it.posts.stats.accepted).toBe(1);
  const second = post(it.url, bodies[1]!);
  await expect.poll(() => it.posts.stats.accepted).toBe(2);
  expect(await post(it.url, bodies[2]!)).toEqual({ status: 503, text: 'refused: busy\n' });
  const both = await take(it.receiver);
  expect((await post(it.url, bodies[2]!)).status, 'held, though the engine has them').toBe(503);
  await it.receiver.settle(both, ACK);
  await first;
  await second;
  const third = post(it.url, bodies[2]!);
  expect(text(await takeAndAck(it.receiver))).toBe('c');
  expect((await third).status).toBe(200);
});

test('a sender that hangs up has its message back: the settle is LOST', async () => {
  const it = await rig();
  const hangUp = new AbortController();
  const body = JSON.stringify(signed(notification(it.clock, 'x')));
  const first = post(it.url, body, {}, { signal: hangUp.signal }).catch(() => 'cut');
  const [delivery] = await take(it.receiver);
  hangUp.abort();
  expect(await first).toBe('cut');
  await expect.poll(() => it.posts.stats.late).toBe(1);
  expect(await it.receiver.settle([delivery!], RELEASE)).toMatchObject([{ error: { code: 'LOST' } }]);
  const second = post(it.url, body);
  await takeAndAck(it.receiver);
  expect((await second).status).toBe(200);
});

test('closing gives back what is held, later posts get 503, and a settle afterwards is LOST', async () => {
  const it = await rig();
  const answer = post(it.url, JSON.stringify(signed(notification(it.clock, 'x'))));
  const [delivery] = await take(it.receiver);
  await Promise.all([it.receiver.close(), it.receiver.close()]);
  expect((await answer).status).toBe(503);
  expect(await it.receiver.settle([delivery!], ACK)).toMatchObject([{ error: { code: 'LOST' } }]);
  await expect(take(it.receiver)).rejects.toMatchObject({ code: 'CLOSED' });
  expect(await post(it.url, '{}')).toEqual({ status: 503, text: 'refused: closed\n' });
  expect(it.clock.pending, 'no timer is left').toBe(0);
});

test('forged, foreign, expired, raw and unreadable posts are refused, counted by reason, and nothing of them is told', async () => {
  const it = await rig({ signatureVersions: ['2'] });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const good = (): Record<string, unknown> => signed(notification(it.clock, 'secret'), '2');
  const at = (ms: number): string => new Date(it.clock.now() + ms).toISOString();
  const cases: readonly (readonly [string, number, unknown, Record<string, string>?])[] = [
    ['forged', 403, { ...good(), Message: 'other' }],
    ['forged', 403, { ...good(), Subject: 'added' }],
    ['forged', 403, signed(notification(it.clock, 'secret'), '2', other)],
    ['forged', 403, signed(notification(it.clock, 'secret'), '1')],
    ['forged', 403, { ...good(), SignatureVersion: '3' }],
    ['forged', 403, { ...good(), Signature: '' }],
    ['foreign-topic', 403, signed(notification(it.clock, 'secret', { topicArn: `${TOPIC}2` }), '2')],
    ['expired', 403, signed(notification(it.clock, 'secret', { timestamp: at(-3_900_001) }), '2')],
    ['expired', 403, signed(notification(it.clock, 'secret', { timestamp: at(300_001) }), '2')],
    ['untrusted-certificate', 403, { ...good(), SigningCertURL: 'https://sns.eu-west-1.amazonaws.com.evil.example/x.pem' }],
    ['untrusted-certificate', 403, { ...good(), SigningCertURL: CERT_URL.replace('https', 'http') }],
    ['raw', 403, 'secret', { 'x-amz-sns-rawdelivery': 'true' }],
    ['garbage', 400, 'secret'],
    ['garbage', 400, [good()]],
    ['garbage', 400, { ...good(), MessageAttributes: { a: 1 } }],
    ['garbage', 400, { ...good(), Type: 'Other' }],
    ['garbage', 400, { ...good(), MessageId: 'a\nb' }],
  ];
  const counts: Record<string, number> = {};
  for (const [reason, status, body, headers] of cases) {
    counts[reason] = (counts[reason] ?? 0) + 1;
    const reply = await post(it.url, typeof body === 'string' ? body : JSON.stringify(body), headers);
    expect(reply, JSON.stringify(body)).toEqual({ status, text: `refused: ${reason}\n` });
  }
  expect(it.posts.stats.refused).toMatchObject(counts);
  expect(it.posts.stats.accepted).toBe(0);
  expect(it.hosts.asked.every((url) => url === CERT_URL)).toBe(true);
  const last = post(it.url, JSON.stringify(good()));
  await takeAndAck(it.receiver);
  expect((await last).status).toBe(200);
});

test('while the certificate cannot be had a true post gets 503, health says why, and it is taken later', async () => {
  const it = await rig();
  it.hosts.at.set(CERT_URL, new Error('getaddrinfo ENOTFOUND'));
  const body = JSON.stringify(signed(notification(it.clock, 'x')));
  expect(await post(it.url, body)).toEqual({ status: 503, text: 'refused: unavailable\n' });
  expect(it.endpoint.why).toMatch(
    /^orders\/shipping: the certificate .* cannot be fetched from sns\.eu-west-1\.amazonaws\.com: getaddrinfo ENOTFOUND$/,
  );
  it.hosts.at.set(CERT_URL, { status: 200, body: SIGNING_CERT });
  const later = post(it.url, body);
  await takeAndAck(it.receiver);
  expect((await later).status).toBe(200);
  expect(it.endpoint.why).toBeUndefined();
});

test("a message that fails every time is SNS's to discard after its 3 retries", async () => {
  const it = await rig();
  const answer = deliver(it.url, signed(notification(it.clock, 'poison')), it.clock);
  for (let tries = 0; tries < 4; tries++) {
    const [delivery] = await advanceUntil(it, take(it.receiver));
    await it.receiver.settle([delivery!], RELEASE);
  }
  expect(await answer).toEqual([503, 503, 503, 503]);
});
