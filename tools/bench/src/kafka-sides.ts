import type { App, Channel, InputOf, MessagesOf } from '@omnibus/core';
import { type Order, OrderPlaced } from './contracts.js';
import type { KafkaRaw } from './kafka-raw.js';
import { fill, outstanding } from './send.js';
import type { Tally } from './tally.js';
import type { Side } from './windows.js';

/** Two consumers, ours and the twin's, that run and have nothing to do. */
export interface Reading<C extends Channel> {
  readonly app: App;
  readonly raw: KafkaRaw;
  /** It carries orders. */
  readonly channel: C;
  readonly payloads: readonly (Order & InputOf<MessagesOf<C>>)[];
  /** The handler counts here. */
  readonly tally: Tally;
  /** The clock starts when so many are handled: what a paused consumer may have fetched. */
  readonly headStart: number;
}

/** Sends outstanding while the twin's topic is filled. */
const AT_ONCE = 5_000;

/** A window of each side: its topic is filled while its consumer is paused; then the consumer takes all of it. */
export function readingSides<C extends Channel>(reading: Reading<C>): { readonly ours: Side; readonly native: Side } {
  const { app, raw, channel, payloads, tally } = reading;
  const producer = app.producer(channel);
  const from = (count: number): number => Math.min(reading.headStart, count >> 1);
  return {
    async ours(count) {
      await app.pause(channel);
      await fill(producer, OrderPlaced as MessagesOf<C>, payloads, count);
      const taken = tally.time(count, from(count));
      await app.resume(channel);
      return taken;
    },
    async native(count) {
      raw.pause();
      await outstanding(count, AT_ONCE, (index) => {
        const order = payloads[index % payloads.length]!;
        return raw.send(order, channel.key?.(order as never));
      });
      const taken = tally.time(count, from(count));
      raw.resume();
      return taken;
    },
  };
}
