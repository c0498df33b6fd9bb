import { Container } from 'inversify';
import { vi } from 'vitest';
import type { Channel } from '../../src/api/channels.js';
import { producerToken } from '../../src/api/tokens.js';

/** A producer that only notes what it is asked to send. */
export function spyProducer<C extends Channel>(channel: C) {
  const send = vi.fn((_message: object, _payload: unknown, _options?: object) => Promise.resolve({ id: 'id' }));
  return { channel, send };
}

/** What createApp does with a container: each producer stands under its channel's token. */
export function containerWith(...producers: readonly { readonly channel: Channel }[]): Container {
  const container = new Container();
  for (const producer of producers) container.bind(producerToken(producer.channel)).toConstantValue(producer);
  return container;
}
