import { createPublicKey } from 'node:crypto';
import { virtualClock } from '@omnibus/core/transport';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { certificates } from '../../src/http/certificates.js';
import { gate } from '../../src/http/gate.js';
import { type Post, parsePost } from '../../src/http/post.js';
import { replay } from '../../src/http/replay.js';
import { isSigned, stringToSign } from '../../src/http/signature.js';
import { confirmationPost, type Fields, fakeHosts, notification, SIGNING_KEY, signed, TOPIC } from './fake-sns.js';

const clock = virtualClock(Date.now());
const key = createPublicKey(SIGNING_KEY);
const parsed = (fields: Fields): Post => parsePost(Buffer.from(JSON.stringify(fields)))!;

test('the string to sign is names and values in the order of the documentation', () => {
  const base = { timestamp: '2026-01-02T03:04:05.678Z', messageId: 'id' };
  expect(stringToSign(parsed(signed(notification(clock, 'a\nb', { ...base, subject: 'Hi' }))))).toBe(
    `Message\na\nb\nMessageId\nid\nSubject\nHi\nTimestamp\n${base.timestamp}\nTopicArn\n${TOPIC}\nType\nNotification\n`,
  );
  expect(stringToSign(parsed(signed(notification(clock, '', base))))).toBe(
    `Message\n\nMessageId\nid\nTimestamp\n${base.timestamp}\nTopicArn\n${TOPIC}\nType\nNotification\n`,
  );
  for (const type of ['SubscriptionConfirmation', 'UnsubscribeConfirmation'] as const) {
    const post = parsed(signed(confirmationPost(clock, type, 't')));
    expect(stringToSign(post)).toBe(
      `Message\n${post.message}\nMessageId\n${post.messageId}\nSubscribeURL\n${post.subscribeUrl}\nTimestamp\n${post.timestamp}\nToken\nt\nTopicArn\n${TOPIC}\nType\n${type}\n`,
    );
  }
});

test('both versions of all three types verify, and only in the versions that are allowed', () => {
  for (const version of ['1', '2'] as const)
    for (const fields of [
      notification(clock, 'x', { subject: 's' }),
      confirmationPost(clock, 'SubscriptionConfirmation'),
      confirmationPost(clock, 'UnsubscribeConfirmation'),
    ]) {
      const post = parsed(signed(fields, version));
      expect(isSigned(post, key, ['1', '2'])).toBe(true);
      expect(isSigned(post, key, [version])).toBe(true);
      expect(isSigned(post, key, [version === '1' ? '2' : '1'])).toBe(false);
    }
});

test('a signature has one text: other base64 of the same bytes is refused', () => {
  const fields = signed(notification(clock, 'x'));
  const signature = String(fields['Signature']);
  for (const other of [
    signature.replace(/==$/, ''),
    `${signature}\n`,
    ` ${signature}`,
    signature.replaceAll('+', '-'),
    `${signature}AA`,
  ])
    if (other !== signature) expect(isSigned(parsed({ ...fields, Signature: other }), key, ['1', '2']), other).toBe(false);
});

/** What of a post is signed, or stands for it. */
const said = ({ attributes: _, signature: __, signingCertUrl: ___, ...rest }: Post): unknown => rest;

test('flipping any one bit of a signed post is refused, unless what SNS signed still reads the same', async () => {
  const judge = gate({
    topicArn: TOPIC,
    certificates: certificates({ get: fakeHosts().get, clock }),
    replay: replay({ clock }),
    signatureVersions: ['1', '2'],
  });
  const kinds = fc.constantFrom('Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation');
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(
      kinds,
      fc.constantFrom('1', '2'),
      fc.string({ unit: 'grapheme' }),
      fc.nat(),
      fc.nat(7),
      async (kind, version, text, at, bit) => {
        const fields = kind === 'Notification' ? notification(clock, text, { subject: 'Hi' }) : confirmationPost(clock, kind);
        const whole = Buffer.from(JSON.stringify(signed(fields, version)));
        const before = parsePost(whole)!;
        expect(await judge(before)).toBeUndefined();
        whole[at % whole.length]! ^= 1 << bit;
        const after = parsePost(whole);
        const refusal = after === undefined ? 'garbage' : await judge(after);
        if (refusal === undefined)
          expect(said(after!)).toEqual(said(before)); // a name or value that SNS does not sign
        else refused++;
      },
    ),
    { numRuns: 2_000 },
  );
  expect(refused).toBeGreaterThan(1_000);
});

test('flipping any one bit of a signed value is refused, every bit of it', async () => {
  const fields = signed(notification(clock, 'ok', { subject: 's' }), '2');
  for (const name of ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type', 'Signature', 'SignatureVersion']) {
    const value = Buffer.from(String(fields[name]));
    for (let at = 0; at < value.length * 8; at++) {
      const flipped = Buffer.from(value);
      flipped[at >> 3]! ^= 1 << (at & 7);
      const post = parsePost(Buffer.from(JSON.stringify({ ...fields, [name]: flipped.toString('utf8') })));
      expect(post !== undefined && isSigned(post, key, ['1', '2']), `${name} bit ${at}`).toBe(false);
    }
  }
});

test('nothing that comes in makes the reader throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        expect(parsePost(bytes)).toBeUndefined();
      },
    ),
  );
});
