import { createPrivateKey, type KeyObject, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { type Clock, sleep } from '@omnibus/core/transport';
import type { Get, Got } from '../../src/http/get.js';

const fixture = (name: string): Buffer => readFileSync(new URL(`./fixtures/${name}`, import.meta.url));

export const SIGNING_CERT = fixture('signing.cert.pem');
export const ELLIPTIC_CERT = fixture('elliptic.cert.pem');
export const WEAK_CERT = fixture('weak.cert.pem');
export const SIGNING_KEY = createPrivateKey(fixture('signing.key.pem'));

export const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:orders';
export const CERT_URL = 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem';

/** The JSON of a post, as SNS writes it. */
export type Fields = Record<string, unknown>;

/** SNS's rule again, written apart from the code that is tested: these names in this order, where they are there. */
const SIGNED = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];

export function signed(fields: Fields, version: '1' | '2' = '1', key: KeyObject = SIGNING_KEY): Fields {
  const text = SIGNED.filter((name) => fields[name] !== undefined)
    .map((name) => `${name}\n${String(fields[name])}\n`)
    .join('');
  const Signature = sign(version === '1' ? 'sha1' : 'sha256', Buffer.from(text), key).toString('base64');
  return { ...fields, SignatureVersion: version, Signature, SigningCertURL: CERT_URL };
}

const unsubscribeUrl = (topic: string): string =>
  `https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${topic}:00000000-0000-0000-0000-000000000000`;

export interface Publish {
  readonly subject?: string;
  readonly attributes?: Readonly<Record<string, { readonly Type: string; readonly Value: string }>>;
  readonly topicArn?: string;
  readonly timestamp?: string;
  readonly messageId?: string;
}

export function notification(clock: Clock, message: string, over: Publish = {}): Fields {
  const topic = over.topicArn ?? TOPIC;
  return {
    Type: 'Notification',
    MessageId: over.messageId ?? randomUUID(),
    TopicArn: topic,
    ...(over.subject === undefined ? {} : { Subject: over.subject }),
    Message: message,
    Timestamp: over.timestamp ?? new Date(clock.now()).toISOString(),
    UnsubscribeURL: unsubscribeUrl(topic),
    ...(over.attributes === undefined ? {} : { MessageAttributes: over.attributes }),
  };
}

export function confirmationPost(
  clock: Clock,
  type: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation',
  token = 'a-token',
  topic = TOPIC,
): Fields {
  return {
    Type: type,
    MessageId: randomUUID(),
    Token: token,
    TopicArn: topic,
    Message: `You have chosen to subscribe to the topic ${topic}.`,
    SubscribeURL: `https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${topic}&Token=${token}`,
    Timestamp: new Date(clock.now()).toISOString(),
  };
}

/** One try, as SNS makes it: status 0 where no answer came within 15 s. */
export function post(
  url: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  { method = 'POST', signal }: { readonly method?: string; readonly signal?: AbortSignal } = {},
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method,
        headers: {
          'content-type': 'text/plain; charset=UTF-8',
          'user-agent': 'Amazon Simple Notification Service Agent',
          ...headers,
        },
        timeout: 15_000,
        agent: false,
        ...(signal === undefined ? {} : { signal }),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', reject);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 15 s')));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Retries of one message after its first try, as the default delivery policy has them. */
const RETRIES = 3;
const BETWEEN_MS = 20_000;

/**
 * Stands for SNS's HTTP sender with the default delivery policy, which no emulator has with a real signature: it signs in version
 * 1 or 2, sets SNS's headers, takes 2xx to 4xx for an end, tries again after 5xx or no answer, 3 times, 20 s apart, and then
 * discards the message.
 */
export async function deliver(url: string, fields: Fields, clock: Clock): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let tries = 0; tries <= RETRIES; tries++) {
    if (tries > 0) await sleep(clock, BETWEEN_MS);
    const headers = {
      'x-amz-sns-message-type': String(fields['Type']),
      'x-amz-sns-message-id': String(fields['MessageId']),
      'x-amz-sns-topic-arn': String(fields['TopicArn']),
    };
    const status = await post(url, JSON.stringify(fields, undefined, 2), headers).then(
      (reply) => reply.status,
      () => 0,
    );
    statuses.push(status);
    if (status >= 200 && status < 500) break;
  }
  return statuses;
}

export interface FakeHosts {
  readonly get: Get;
  /** Every URL that was asked for. */
  readonly asked: string[];
  /** What is at which URL; a missing one is 404, an error is thrown. */
  readonly at: Map<string, Got | Error | Promise<Got>>;
}

/** Stands for SNS's own hosts over https: the certificate, and 200 to a ConfirmSubscription. */
export function fakeHosts(): FakeHosts {
  const asked: string[] = [];
  const at = new Map<string, Got | Error | Promise<Got>>([[CERT_URL, { status: 200, body: SIGNING_CERT }]]);
  return {
    asked,
    at,
    async get(url) {
      asked.push(url);
      const found = at.get(url);
      if (found instanceof Error) throw found;
      if (found !== undefined) return found;
      if (url.includes('Action=ConfirmSubscription')) return { status: 200, body: Buffer.from('<ConfirmSubscriptionResponse/>') };
      return { status: 404, body: Buffer.alloc(0) };
    },
  };
}
