import { z } from 'zod';
import { createApp } from '../../src/api/app.js';
import type { AppOptions } from '../../src/api/app-types.js';
import { queue, topic } from '../../src/api/channels.js';
import { message } from '../../src/api/messages.js';
import { bytesCodec } from '../../src/codec/codec.js';
import { type ClaimCheckOptions, claimCheck } from '../../src/runtime/claim-check.js';
import { memoryClaimStore } from '../../src/runtime/memory-claim-store.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { kept } from './app-fixture.js';
import { FakeBroker, type FakeOptions, fake } from './fake-transport.js';

export const Blob = message('blob', z.object({ id: z.number(), text: z.string() }));
export const Ask = message('ask', z.object({ size: z.number() }), { reply: z.object({ text: z.string() }) });
export const Raw = message('raw', z.custom<Uint8Array>(), { codec: bytesCodec });
export const Anything = message('anything', z.array(z.unknown()));
export const Blobs = queue('blobs', { messages: [Blob] });
export const Lined = queue('lined', { messages: [Blob], ordered: true, key: ({ id }) => String(id) });
export const Dead = queue('blobs.dead', { messages: [Blob] });
export const News = topic('news', { messages: [Blob] });
export const Asks = queue('asks', { messages: [Ask] });
export const Raws = queue('raws', { messages: [Raw] });
export const Plain = queue('plain', { messages: [Anything] });

/** Over the threshold of `make`, and far below it. */
export const large = (id = 1) => ({ id, text: 'x'.repeat(5_000) });
export const SMALL = { id: 0, text: '' };

interface Making extends Partial<AppOptions> {
  readonly claims?: Partial<ClaimCheckOptions>;
  readonly on?: Partial<FakeOptions>;
}

/** An app with a claim check over 4,000 bytes, on a broker that tells everything. */
export async function make({ claims, on, ...rest }: Making = {}) {
  const broker = on?.broker ?? new FakeBroker();
  const store = memoryClaimStore();
  const clock = virtualClock();
  const app = await createApp({
    config: { name: 'shop', transports: { one: fake({ ...on, broker }) }, default: 'one' },
    transports: [fake],
    producers: [Blobs, Lined, Dead, News, Asks, Raws, Plain],
    clock,
    claimCheck: claimCheck({ store, thresholdBytes: 4_000, ...claims }),
    ...rest,
  });
  return { app: kept(app), broker, store, clock, turn: () => clock.advance(0) };
}

/** A promise that the test resolves. */
export function held() {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
