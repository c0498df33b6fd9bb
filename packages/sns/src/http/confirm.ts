import { type Clock, textOf } from '@omnibus/core/transport';
import type { Get } from './get.js';
import { snsUrl } from './hosts.js';
import type { Post } from './post.js';

/**
 * Confirms by SNS's API (ConfirmSubscription). `AuthenticateOnUnsubscribe: 'true'` is to be asked for: then nobody who sees an
 * unsubscribe link can end the subscription.
 */
export type ConfirmSubscription = (topicArn: string, token: string, signal: AbortSignal) => Promise<void>;

/** Whether the subscription stands, as far as SNS's own posts tell. */
export interface Confirmation {
  /** Confirms by the token of a verified confirmation post, for a subscription that begins or that somebody ended. Never rejects. */
  confirm(post: Post): Promise<boolean>;
  /** It is about to be asked for: until it is confirmed, `why` says that it waits. */
  expect(): void;
  /** Resolves when nothing is wrong with it any more, or after `maxMs`. */
  stands(maxMs: number): Promise<void>;
  /** What is wrong with the subscription and since when; undefined while nothing is known to be. */
  readonly why: string | undefined;
}

export interface ConfirmationOptions {
  readonly clock: Clock;
  /** Default: a GET of the post's own SubscribeURL, on a host of SNS only. */
  readonly confirmSubscription?: ConfirmSubscription | undefined;
  readonly get: Get;
}

const CONFIRM_MS = 8_000;
const MOST_BYTES = 64 * 1024;

/** Watches one subscription. */
export function confirmation({ clock, confirmSubscription, get }: ConfirmationOptions): Confirmation {
  let why: string | undefined;
  const waiting = new Set<() => void>();

  const ask = async (post: Post): Promise<void> => {
    const timeout = new AbortController();
    const timer = clock.timer(CONFIRM_MS, () => timeout.abort(new Error(`no answer within ${CONFIRM_MS} ms`)));
    try {
      if (confirmSubscription !== undefined) return await confirmSubscription(post.topicArn, post.token ?? '', timeout.signal);
      const url = subscribeUrl(post);
      if (url === undefined) throw new Error('its SubscribeURL is not one of SNS for this topic');
      const { status } = await get(url, MOST_BYTES, timeout.signal);
      if (status !== 200) throw new Error(`SNS answered ${status} to its SubscribeURL`);
    } finally {
      timer.cancel();
    }
  };

  return {
    async confirm(post) {
      const what = post.type === 'UnsubscribeConfirmation' ? 'was removed' : 'waits to be confirmed';
      const since = `the subscription to ${post.topicArn} ${what} (${post.timestamp})`;
      if (post.type === 'UnsubscribeConfirmation') why = `${since}; what is published until it stands again does not come`;
      try {
        await ask(post);
        why = undefined;
        for (const end of waiting) end();
        return true;
      } catch (error) {
        why = `${since}, and confirming it failed: ${textOf(error)}`;
        return false;
      }
    },
    expect() {
      why = 'its subscription waits to be confirmed: SNS has not posted to its url yet';
    },
    stands(maxMs) {
      if (why === undefined) return Promise.resolve();
      return new Promise((resolve) => {
        const end = (): void => {
          timer.cancel();
          waiting.delete(end);
          resolve();
        };
        const timer = clock.timer(maxMs, end);
        waiting.add(end);
      });
    },
    get why() {
      return why;
    },
  };
}

/** The post's SubscribeURL where it is what it says: a ConfirmSubscription of this topic with this token, on a host of SNS. */
function subscribeUrl({ subscribeUrl: text, topicArn, token }: Post): string | undefined {
  const url = snsUrl(text ?? '');
  const query = url?.searchParams;
  const isIt =
    query?.get('Action') === 'ConfirmSubscription' && query.get('TopicArn') === topicArn && query.get('Token') === token;
  return isIt && url?.pathname === '/' ? url.href : undefined;
}
