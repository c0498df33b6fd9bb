import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '@omnibus/core/transport';
import { expect, it } from 'vitest';
import { kafkaError } from '../src/errors.js';
import { shelf } from '../src/shelf.js';
import { toDelivery } from '../src/wire.js';

const signal = new AbortController().signal;

const delivery = (partition: number, offset: number) =>
  toDelivery(
    { key: null, value: null, headers: {}, offset: String(offset), timestamp: '0' },
    { partition, lease: signal, receipt: undefined },
  );

/** Three messages of partition 0, then two of partition 1. */
function filled() {
  const made = shelf(systemClock);
  for (const [partition, offset] of [
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 0],
    [1, 1],
  ] as const)
    made.put(partition, delivery(partition, offset));
  return made;
}

const positions = async (of: ReturnType<typeof shelf>, max: number) =>
  (await of.take(max, signal)).map(({ position }) => position);

it('gives the partitions in turns, and each in its order', async () => {
  const made = filled();
  expect(made.size).toBe(5);
  expect(await positions(made, 1)).toEqual(['0:0']);
  expect(await positions(made, 10)).toEqual(['1:0', '0:1', '1:1', '0:2']);
  expect(made.size).toBe(0);
});

it('gives what comes to who waits for it', async () => {
  const made = shelf(systemClock);
  const waiting = positions(made, 2);
  made.put(3, delivery(3, 7));
  expect(await waiting).toEqual(['3:7']);
});

it('forgets one partition, or all', async () => {
  const made = filled();
  expect(await positions(made, 1)).toEqual(['0:0']);
  made.drop(0);
  expect(made.size).toBe(2);
  expect(await positions(made, 10)).toEqual(['1:0', '1:1']);
  made.put(0, delivery(0, 9));
  made.drop();
  expect(made.size).toBe(0);
});

it('rejects once it has failed', async () => {
  const made = filled();
  made.fail(kafkaError('CONNECTION', 'gone'));
  expect(made.size).toBe(0);
  await expect(made.take(1, signal)).rejects.toMatchObject({ code: 'CONNECTION' });
});

it('lets go of what it gave, although more comes before it is ever empty', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const made = shelf(systemClock);
  const given: WeakRef<object>[] = [];
  for (let offset = 0; offset < 3_000; offset++) made.put(0, delivery(0, offset));
  for (let offset = 3_000; offset < 6_000; offset++) {
    made.put(0, delivery(0, offset));
    for (const each of await made.take(1, signal)) given.push(new WeakRef(each));
  }
  expect(made.size).toBe(3_000);
  await new Promise((resolve) => setImmediate(resolve)); // what a WeakRef was made of stays for a turn
  collect();
  expect(given.filter((each) => each.deref() !== undefined).length).toBeLessThan(10);
});
