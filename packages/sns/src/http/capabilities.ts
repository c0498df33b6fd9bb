import type { Capabilities, Subscription } from '@omnibus/core/transport';
import { HOLD_MS } from './holds.js';

/**
 * What a group that SNS posts to can do, given what its own queue can. SNS neither counts its tries nor takes a delay, so retries
 * are the core's: confirmed copies to that queue, which waits with them. It is read beside the posts, and takes what SNS could not
 * post: that is what makes the group durable. Neither posts nor copies of them can be renewed.
 */
export function httpCapabilities(subscription: Subscription, queue: Capabilities): Capabilities {
  const { settleEach, release, headers, durable, delay } = queue.native;
  const { address, group, channel, ordered, temporary } = subscription;
  const name = `${channel.name}/${group}`;
  const native = { settleEach, release, headers, durable, delay, receive: Number.POSITIVE_INFINITY };
  // SNS posts nothing of FIFO topics, and a URL stays where an instance goes
  const cannot = ordered || temporary ? { ...native, receive: undefined } : native;
  return {
    native: Object.fromEntries(Object.entries(cannot).filter(([, ceiling]) => ceiling !== undefined)),
    limits: { ...queue.limits, holdMs: HOLD_MS, receiveCalls: 1 },
    caveats: [
      `sns: ${name} is posted to over HTTP: a handler has to end within ${HOLD_MS / 1_000} s of the post, or SNS posts the message again`,
      `sns: a post of ${name} that is answered 503 (over the window, at a stop) costs one of SNS's tries, 4 in about a minute by default; then the message waits in queue ${address}`,
      `sns: queue ${address} is read beside the posts of ${name}: 3 calls a minute while it is empty`,
      `sns: SNS signs the body, not the attributes: the type and the headers of a post of ${name} are as safe as the TLS in front of it`,
    ],
  };
}
