import type { Certificates } from './certificates.js';
import type { Post } from './post.js';
import type { Replay } from './replay.js';
import type { Refusal } from './reply.js';
import { isSigned, type SignatureVersion } from './signature.js';

export interface GateOptions {
  /** The only topic whose posts are true here. */
  readonly topicArn: string;
  readonly certificates: Certificates;
  readonly replay: Replay;
  readonly signatureVersions: readonly SignatureVersion[];
}

/** Why a post is not SNS's word on this topic now; undefined = it is. Asks what costs least first, and never rejects. */
export type Gate = (post: Post) => Promise<Refusal | undefined>;

/** Makes the gate of one topic. */
export function gate({ topicArn, certificates, replay, signatureVersions }: GateOptions): Gate {
  return async (post) => {
    if (post.topicArn !== topicArn) return 'foreign-topic';
    if (replay.isExpired(post.timestamp)) return 'expired';
    const key = await certificates.keyOf(post.signingCertUrl);
    if (key === 'untrusted') return 'untrusted-certificate';
    if (key === 'unavailable') return 'unavailable';
    return isSigned(post, key, signatureVersions) ? undefined : 'forged';
  };
}
