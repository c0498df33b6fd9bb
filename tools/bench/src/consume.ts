import type { App, Channel, InputOf, MessagesOf } from '@omnibus/core';
import { fill } from './send.js';
import type { Tally } from './tally.js';
import type { Side } from './windows.js';

/** What is consumed, and by whom. */
export interface Consuming<C extends Channel, M extends MessagesOf<C>> {
  readonly app: App;
  readonly channel: C;
  readonly message: M;
  readonly payloads: readonly InputOf<M>[];
  /** The handler counts here. */
  readonly tally: Tally;
}

/** Our side: the queue is filled while its consumer is paused; then the consumer takes all of it. */
export function consumeSide<C extends Channel, M extends MessagesOf<C>>(consuming: Consuming<C, M>): Side {
  const { app, channel, message, payloads, tally } = consuming;
  const producer = app.producer(channel);
  return async (count) => {
    await app.pause(channel);
    await fill(producer, message, payloads, count);
    const taken = tally.time(count);
    await app.resume(channel);
    return taken;
  };
}
