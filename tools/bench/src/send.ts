import type { Channel, InputOf, MessagesOf, Producer } from '@omnibus/core';

/** Sends outstanding while a queue is filled. */
const AT_ONCE = 5_000;

/** Sends `count` messages, the payloads over and over, and throws where one failed. */
export async function fill<C extends Channel, M extends MessagesOf<C>>(
  producer: Producer<C>,
  message: M,
  payloads: readonly InputOf<M>[],
  count: number,
): Promise<void> {
  await outstanding(count, AT_ONCE, (index) => producer.send(message, payloads[index % payloads.length]!));
}

/** Calls `send` `count` times, with `atOnce` of the calls outstanding. */
export async function outstanding(count: number, atOnce: number, send: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await send(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
}
