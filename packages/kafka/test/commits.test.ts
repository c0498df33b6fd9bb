import { expect, it } from 'vitest';
import { commits } from '../src/commits.js';

interface Call {
  readonly offsets: ReadonlyMap<number, bigint>;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Commits whose writes end when the test says so. */
function held() {
  const calls: Call[] = [];
  let told = (): void => {};
  const made = commits('reading', (offsets) => {
    const ended = new Promise<void>((done, failed) => calls.push({ offsets: new Map(offsets), done, failed }));
    told();
    return ended;
  });
  const calling = async (count: number): Promise<void> => {
    while (calls.length < count)
      await new Promise<void>((resolve) => {
        told = resolve;
      });
  };
  return { made, calls, calling };
}

it('writes one at a time, and all that came meanwhile with the next', async () => {
  const { made, calls, calling } = held();
  const first = made.add(0, 1n);
  await calling(1);
  const later = [made.add(0, 3n), made.add(0, 2n), made.add(1, 7n)];
  calls[0]!.done();
  await first;
  await calling(2);
  expect(calls[1]!.offsets).toEqual(
    new Map([
      [0, 3n],
      [1, 7n],
    ]),
  );
  calls[1]!.done();
  await Promise.all(later);
});

it('fails as LOST what waits when the assignment ends, and writes nothing for it', async () => {
  const { made, calls } = held();
  const waiting = made.add(0, 1n);
  made.end();
  await expect(waiting).rejects.toMatchObject({ code: 'LOST' });
  await expect(made.add(0, 2n)).rejects.toMatchObject({ code: 'LOST' });
  expect(calls).toEqual([]);
});

it('lets what waits leave before the assignment ends', async () => {
  const { made, calls, calling } = held();
  void made.add(0, 5n).catch(() => undefined);
  made.flush();
  made.end();
  await calling(1);
  expect(calls[0]!.offsets).toEqual(new Map([[0, 5n]]));
  calls[0]!.done();
});

it('says LOST where the generation is over, and TIMEOUT where nobody answered, since the messages are still ours', async () => {
  const { made, calls, calling } = held();
  const old = made.add(0, 1n);
  await calling(1);
  calls[0]!.failed(Object.assign(new Error('over'), { type: 'ILLEGAL_GENERATION' }));
  await expect(old).rejects.toMatchObject({ code: 'LOST' });
  const again = made.add(0, 1n);
  await calling(2);
  calls[1]!.failed(new Error('connection closed'));
  await expect(again).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true });
});
