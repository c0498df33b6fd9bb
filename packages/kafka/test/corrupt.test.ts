import { createApp, message, queue } from '@omnibus/core';
import { describe, expect, it } from 'vitest';
import { kafka } from '../src/index.js';
import { broker, notRun, url } from './broker.js';
import { corruptingLink } from './support/corrupting-link.js';

interface Sample {
  readonly n: number;
  readonly pad: string;
}

const sample = {
  '~standard': {
    version: 1 as const,
    vendor: 'tests',
    validate: (value: unknown) => ({ value: value as Sample }),
    types: undefined as { readonly input: Sample; readonly output: Sample } | undefined,
  },
};
const Note = message('note', sample);

const PAD = 'x'.repeat(400);
const GOOD = 2;
const ALL = 5;

/** Where the only batch that a chunk has begins: at its offset, which is followed by a length, an epoch and the format 2. */
function batchIn(chunk: Buffer): number | undefined {
  for (let at = 0; at + 61 < chunk.length; at++) {
    const isBatch = chunk[at + 16] === 2 && chunk.readUInt32BE(at) === 0 && chunk.readUInt32BE(at + 4) < 100;
    if (isBatch && chunk.readInt32BE(at + 8) > 49 && chunk.readInt32BE(at + 8) < 10_000) return at;
  }
  return undefined;
}

const flip = (chunk: Buffer, at: number): void => void (chunk[at] = chunk[at]! ^ 0x01);

/** What is broken, and how it is found in what the broker sends. */
const cases = {
  'a body that still can be read': { compression: 'none', find: (chunk: Buffer) => chunk.indexOf(PAD), what: 'checksum' },
  'a body of gzip': { compression: 'gzip', find: (chunk: Buffer) => chunk.indexOf('1f8b08', 'hex') + 20, what: 'checksum' },
  'a body of zstd': { compression: 'zstd', find: (chunk: Buffer) => chunk.indexOf('28b52ffd', 'hex') + 20, what: 'checksum' },
  'a length': { compression: 'none', find: (chunk: Buffer) => batchIn(chunk)! + 9, what: 'length' },
} as const;

describe.skipIf(!broker.available)(`a corrupt batch on Kafka${notRun}`, () => {
  it.each(Object.keys(cases) as (keyof typeof cases)[])(
    'in %s stops the group where it stands, and health says where and why',
    async (name) => {
      const { compression, find, what } = cases[name];
      const link = broker.available ? broker.links[0]! : undefined; // the faults take theirs from the other end
      await using way = await corruptingLink(link!);
      const Notes = queue(`corrupt-${process.pid}-${name.replaceAll(' ', '-')}`, { messages: [Note], key: () => 'same' });
      const handled: number[] = [];
      const options = { transports: [kafka] };
      const at = (definition: ReturnType<typeof kafka>) => ({ name: 'tests', transports: { log: definition }, default: 'log' });
      await using sender = await createApp({ config: at(kafka({ url, compression })), ...options, producers: [Notes] });
      await sender.start();
      await using receiver = await createApp({ config: at(kafka({ url: `127.0.0.1:${link!.advertisedPort}` })), ...options });
      receiver.consumer(Notes).handle(Note, ({ n, pad }) => {
        expect(pad).toBe(PAD);
        handled.push(n);
      });
      await receiver.start();
      const send = (n: number): Promise<unknown> => sender.producer(Notes).send(Note, { n, pad: PAD });
      const why = async (): Promise<string> => (await receiver.health()).endpoints.map((each) => each.why ?? '').join();
      for (let n = 0; n < GOOD; n++) await send(n);
      await expect.poll(() => handled.length, { timeout: 10_000 }).toBe(GOOD);

      let corrupted = 0;
      const began = performance.now();
      way.corrupt = (chunk) => {
        if (batchIn(chunk) === undefined) return; // a broker sends what comes before its batches in a chunk of its own, or not
        corrupted++;
        flip(chunk, find(chunk));
      };
      for (let n = GOOD; n < ALL; n++) await send(n);
      const where = new RegExp(
        `^kafka: group '${Notes.name}' cannot read '${Notes.name}' on from \\d:${GOOD}: the batch there is corrupt, .*${what}`,
      );
      for (let times = 0; times < 3; times++) {
        const before = corrupted; // it is read again and again, as it may be whole by then
        await expect.poll(() => corrupted > before, { timeout: 20_000 }).toBe(true);
        await expect.poll(why, { timeout: 10_000 }).toMatch(where);
      }
      expect(corrupted).toBeLessThan(10 + (performance.now() - began) / 50); // a hot loop makes hundreds a second
      expect(handled).toHaveLength(GOOD);

      way.corrupt = undefined;
      await expect.poll(() => new Set(handled).size, { timeout: 20_000 }).toBe(ALL);
      expect([...new Set(handled)]).toEqual([0, 1, 2, 3, 4]);
      await expect.poll(why, { timeout: 10_000 }).toBe('');
      expect(Object.values(receiver.stats.consumers)).toMatchObject([{ dead: 0 }]);
    },
  );
});
