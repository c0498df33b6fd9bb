import { type KeyObject, verify } from 'node:crypto';
import type { Post } from './post.js';

/** How SNS signs, by `SignatureVersion`: RSA (PKCS #1 v1.5) over a SHA-1 or SHA-256 hash. */
export type SignatureVersion = '1' | '2';

const HASHES: Readonly<Record<string, string>> = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' };

/**
 * What SNS signs ("Verifying the signatures of Amazon SNS messages", SNS developer guide): name, line feed, value, line feed of
 * these fields in the order of their names. `Subject` only where there is one; message attributes are never signed.
 */
export function stringToSign(post: Post): string {
  const { type, message, messageId, subject, subscribeUrl, timestamp, token, topicArn } = post;
  const isNotification = type === 'Notification';
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['Message', message],
    ['MessageId', messageId],
    ['Subject', isNotification ? subject : undefined],
    ['SubscribeURL', isNotification ? undefined : subscribeUrl],
    ['Timestamp', timestamp],
    ['Token', isNotification ? undefined : token],
    ['TopicArn', topicArn],
    ['Type', type],
  ];
  return fields.map(([name, value]) => (value === undefined ? '' : `${name}\n${value}\n`)).join('');
}

/** Whether the holder of `key` signed the post, in one of the allowed versions. Never throws. */
export function isSigned(post: Post, key: KeyObject, allowed: readonly SignatureVersion[]): boolean {
  const { signatureVersion } = post;
  const hash = HASHES[signatureVersion];
  if (hash === undefined || !allowed.some((version) => version === signatureVersion)) return false;
  const signature = Buffer.from(post.signature, 'base64');
  // one signature has one text: a decoder that forgives would let another text of it pass
  if (signature.toString('base64') !== post.signature) return false;
  try {
    return verify(hash, Buffer.from(stringToSign(post)), key, signature);
  } catch {
    return false; // a key that cannot verify such a signature did not make it
  }
}
