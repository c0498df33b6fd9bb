import type { Channel, InputOf, MessagesOf, Producer, SendOptions } from '@omnibus/core';

/** Sends outstanding while a queue is filled. */
const AT_ONCE = 5_000;

/** Sends `count` of the payloads, over and over, and throws where one failed. */
export async function fill<C extends Channel, M extends MessagesOf<C>>(
  producer: Producer<C>,
  message: M,
  payloads: readonly InputOf<M>[],
  count: number,
): Promise<void> {
  for (let sent = 0; sent < count; sent += AT_ONCE) {
    const part = Array.from(
      { length: Math.min(AT_ONCE, count - sent) },
      (_, index) => payloads[(sent + index) % payloads.length]!,
    );
    const results = await producer.sendAll(message, part, {} as Omit<SendOptions<C>, 'id' | 'key'>);
    for (const result of results) if ('error' in result) throw result.error;
  }
}

/** Calls `send` `count` times with `atOnce` of them outstanding. */
export async function outstanding(count: number, atOnce: number, send: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await send(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
}
