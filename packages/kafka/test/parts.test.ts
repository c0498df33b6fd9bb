import { NONE } from '@omnibus/core/transport';
import { expect, it } from 'vitest';
import { kafkaError } from '../src/errors.js';
import { callOf, partsOf } from '../src/parts.js';
import { note } from './broker.js';

const sized = (...sizes: readonly number[]) => callOf(sizes.map((size) => note({ body: Buffer.alloc(size) })));

it('fills requests up to their limit, in the order of the calls, and across them', () => {
  const [one, two] = [sized(4_000, 4_000, 4_000), sized(1_000, 9_000)];
  const parts = partsOf([one, two], 10_000);
  expect(parts.map((part) => part.map(({ call, index }) => [call === one ? 1 : 2, index]))).toEqual([
    [
      [1, 0],
      [1, 1],
    ],
    [
      [1, 2],
      [2, 0],
    ],
    [[2, 1]],
  ]);
});

it('refuses a message that is too large by itself, and ends its call with the others', async () => {
  const call = sized(20_000, 10);
  const [part] = partsOf([call], 10_000);
  expect(part).toHaveLength(1);
  for (const entry of part!) call.landed(entry, undefined);
  expect(await call.done).toMatchObject([{ index: 0, error: { code: 'TOO_LARGE' } }]);
});

it('ends a call when all of it has landed, with what failed', async () => {
  const [good, empty, lost] = [sized(1), sized(), sized(1, 1)];
  good.landed({ index: 0 }, undefined);
  expect(await good.done).toBe(NONE);
  expect(await empty.done).toBe(NONE);
  lost.landed({ index: 0 }, undefined);
  lost.failed(kafkaError('CONNECTION', 'gone'));
  await expect(lost.done).rejects.toMatchObject({ code: 'CONNECTION' });
});
