import { expect, it } from 'vitest';
import type { LogAdmin } from '../src/client.js';
import { type Standing, standingOf, startsOf } from '../src/starts.js';

const NEW: Standing = { committed: new Map(), missing: [0, 1] };

/** Two partitions, kept from 5 and 0 on, the next are 10 and 4; by time 7, and none. */
const admin = {
  fetchOffsets: async () => [{ topic: 't', partitions: [part(0, '12'), part(1, '-1')] }],
  fetchTopicOffsets: async () => [
    { ...part(0, '10'), low: '5', high: '10' },
    { ...part(1, '4'), low: '0', high: '4' },
  ],
  fetchTopicOffsetsByTimestamp: async () => [part(0, '7'), part(1, '-1')],
} as unknown as LogAdmin;

function part(partition: number, offset: string) {
  return { partition, offset };
}

it('begins at the beginning, at the end, at a time, at a position', async () => {
  const starts = async (from: Parameters<typeof startsOf>[3]) => [...(await startsOf(admin, 't', NEW, from))];
  expect(await starts('first')).toEqual([
    [0, '5'],
    [1, '0'],
  ]);
  expect(await starts('next')).toEqual([
    [0, '10'],
    [1, '4'],
  ]);
  expect(await starts(new Date(0))).toEqual([
    [0, '7'],
    [1, '4'],
  ]);
  expect(await starts({ position: '0:6' })).toEqual([
    [0, '6'],
    [1, '0'],
  ]);
  expect(await starts({ position: '0:6, 1:3' })).toEqual([
    [0, '6'],
    [1, '3'],
  ]);
});

it('reads partitions that were added to a group from their beginning, wherever new groups begin', async () => {
  const standing = await standingOf(admin, 't', 'g');
  expect(standing).toEqual({ committed: new Map([[0, '12']]), missing: [1] });
  expect([...(await startsOf(admin, 't', standing, 'next'))]).toEqual([[1, '0']]);
});

it.each([
  ['17', /partition:offset/],
  ['9:1', /no such partition/],
  ['0:4', /no longer kept, the first is 0:5/],
  ['0:11', /not written yet, the next is 0:10/],
])('refuses the position %s', async (position, why) => {
  const work = startsOf(admin, 't', NEW, { position });
  await expect(work).rejects.toMatchObject({ code: 'INVALID', message: expect.stringMatching(why) });
});
