import { type Context, createApp, exponential, message, queue } from '@omnibus/core';
import { virtualClock } from '@omnibus/core/transport';
import { expect, it } from 'vitest';
import { memory, memoryBroker } from '../src/index.js';

interface Numbered {
  readonly n: number;
}
const anything = {
  '~standard': {
    version: 1,
    vendor: 'tests',
    types: undefined as { readonly input: Numbered; readonly output: Numbered } | undefined,
    validate: (value: unknown) => ({ value: value as Numbered }),
  },
} as const;

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** The second step of it is short enough to be waited for in this process, the others are not. */
const retry = exponential({ attempts: 4, firstMs: 20_000, factor: 2, maxMs: 40_000, jitter: 'none' });

it('a message of an ordered channel that fails with long delays has the attempts of its policy, and its key waits', async () => {
  const clock = virtualClock();
  const Noted = message('noted', anything);
  const Notes = queue('notes', { messages: [Noted], ordered: true, key: () => 'one' });
  const transports = { own: memory({ broker: memoryBroker({ clock }) }) };
  const config = { name: 'tests', transports, default: 'own' };
  const app = await createApp({ config, transports: [memory], clock, logger: quiet, producers: [Notes] });
  const seen: (readonly [number, number])[] = [];
  app.consumer(Notes, { retry }).handle(Noted, ({ n }, context: Context) => {
    seen.push([n, context.attempt]);
    if (n === 1) throw new Error('it always fails');
  });
  await app.start();
  for (const n of [1, 2]) await app.producer(Notes).send(Noted, { n });
  for (let seconds = 0; seconds < 300; seconds += 10) await clock.advance(10_000);
  expect(seen).toEqual([
    [1, 1],
    [1, 2],
    [1, 3],
    [1, 4],
    [2, 1],
  ]);
  await app.stop();
});
