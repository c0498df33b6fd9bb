import { memory } from '@omnibus/memory';
import { startApp } from './app.js';
import type { Bench } from './bench.js';
import { consumeSide } from './consume.js';
import { Blob, Blobs, blobs } from './contracts.js';
import { rate, ratioFigure } from './figures.js';
import { BlobHandler } from './handlers.js';
import { Tally } from './tally.js';
import { compare, counted, median, type Side } from './windows.js';

const MESSAGES = 2_000_000; // slices of half a million: a queue that is filled, not one that runs empty again and again
const LEAST = 1_000_000;

/** The engine itself: a filled queue, an identity codec, a schema that lets all pass, an asynchronous decorated handler. */
export const memoryEngine: Bench = {
  name: 'memory engine',
  async run({ size }) {
    const tally = new Tally();
    const handler = new BlobHandler(tally);
    await using app = await startApp(memory({}), [Blobs], handler);
    const consume = consumeSide({ app, channel: Blobs, message: Blob, payloads: blobs, tally });
    const rates: number[] = []; // a second of processor time: what the machine would give if nobody else used it
    const ours: Side = async (count) => {
      const ms = await consume(count);
      rates.push((count * 1_000) / tally.cpuMs);
      return ms;
    };
    const loop: Side = async (count) => {
      const taken = tally.time(count);
      for (let index = 0; index < count; index++) await handler.count(blobs[index % blobs.length]!);
      return taken;
    };
    const compared = await compare(size, counted(MESSAGES, size), ours, loop);
    const said = `>= ${rate(LEAST)}`;
    return [
      { what: 'consume', value: rate(compared.ours), target: { said, reached: compared.ours >= LEAST } },
      { what: 'consume, by processor time', value: rate(median(rates)) },
      ratioFigure('consume, beside a bare loop that awaits the handler', compared),
    ];
  },
};
