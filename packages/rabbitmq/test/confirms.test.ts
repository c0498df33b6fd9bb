import { type Failures, type Message, MessagingError, NONE } from '@omnibus/core/transport';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Confirms, confirms } from '../src/confirms.js';
import { message, messages } from './objects.js';

const refused = new MessagingError('THROTTLED', 'refused');
const noRoute = new MessagingError('NO_ROUTE', 'no route');
const gone = new MessagingError('CONNECTION', 'gone', { outcome: 'unknown' });

function publish(record: Confirms, batch: readonly Message[]): Promise<Failures> {
  const departure = record.depart(batch);
  batch.forEach((_, index) => departure.published(index));
  return departure.end();
}

const ack = (deliveryTag: number, multiple = false) => ({ deliveryTag, multiple });
const returnOf = ({ id, body }: Message) =>
  ({ content: Buffer.from(body), properties: { messageId: id === '' ? undefined : id } }) as never;

/** Whether it is settled after all that is ready has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe('confirms', () => {
  it('resolve a batch when its last message is confirmed, with nothing made for it', async () => {
    const record = confirms();
    const sent = publish(record, messages(3));
    record.confirmed(ack(1));
    record.confirmed(ack(3));
    expect(await isSettled(sent)).toBe(false);
    record.confirmed(ack(2));
    expect(await sent).toBe(NONE);
  });

  it('cover several batches at once', async () => {
    const record = confirms();
    const sent = [publish(record, messages(2)), publish(record, messages(2)), publish(record, messages(2))];
    record.confirmed(ack(5, true));
    expect(await Promise.all(sent.map(isSettled))).toEqual([true, true, false]);
    record.confirmed(ack(6, true));
    expect(await Promise.all(sent)).toEqual([NONE, NONE, NONE]);
  });

  it('come in any grouping and any order, and each batch learns exactly what became of its own', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.infiniteStream(fc.nat()), async (batches, numbers) => {
        const take = (below: number): number => numbers.next().value! % below;
        const record = confirms();
        const sent = batches.map((size) => publish(record, messages(size)));
        const total = batches.reduce((sum, size) => sum + size, 0);
        const open = new Set(Array.from({ length: total }, (_, index) => index + 1));
        const refusedTags = new Set<number>();
        while (open.size > 0) {
          const tag = [...open][take(open.size)]!;
          const multiple = take(3) === 0;
          const refusal = take(4) === 0 ? refused : undefined;
          for (const one of [...open]) {
            if (one !== tag && !(multiple && one < tag)) continue;
            open.delete(one);
            if (refusal !== undefined) refusedTags.add(one);
          }
          record.confirmed({ deliveryTag: tag, multiple }, refusal);
        }
        let first = 1;
        for (const [index, size] of batches.entries()) {
          const failed = (await sent[index]!).map((failure) => failure.index + first).sort((a, b) => a - b);
          expect(failed).toEqual([...refusedTags].filter((tag) => tag >= first && tag < first + size).sort((a, b) => a - b));
          first += size;
        }
        expect(await isSettled(record.idle())).toBe(true);
      }),
    );
  });

  it('keep their numbers where a message never left', async () => {
    const record = confirms();
    const departure = record.depart(messages(3));
    departure.published(0);
    departure.failed(1, refused);
    departure.published(2);
    const sent = departure.end();
    record.confirmed(ack(2), noRoute);
    record.confirmed(ack(1));
    expect(await sent).toEqual([
      { index: 1, error: refused },
      { index: 2, error: noRoute },
    ]);
  });

  it('are not waited for where nothing left', async () => {
    const record = confirms();
    const departure = record.depart(messages(1));
    departure.failed(0, refused);
    expect(await departure.end()).toEqual([{ index: 0, error: refused }]);
    expect(await record.depart([]).end()).toEqual(NONE);
  });

  it('ignore what was never published', () => {
    expect(() => confirms().confirmed(ack(7))).not.toThrow();
    expect(() => confirms().confirmed(ack(7, true))).not.toThrow();
    expect(() => confirms().returned(returnOf(message()), noRoute)).not.toThrow();
  });
});

describe('a returned message', () => {
  it('fails, although the broker confirms it too', async () => {
    const record = confirms();
    const batch = messages(3);
    const sent = publish(record, batch);
    record.returned(returnOf(batch[1]!), noRoute);
    expect(await isSettled(sent)).toBe(false);
    record.confirmed(ack(3, true), undefined);
    expect(await sent).toEqual([{ index: 1, error: noRoute }]);
  });

  it('is counted once where it is refused as well', async () => {
    const record = confirms();
    const batch = messages(1);
    const sent = publish(record, batch);
    record.returned(returnOf(batch[0]!), noRoute);
    record.confirmed(ack(1), refused);
    expect(await sent).toEqual([{ index: 0, error: noRoute }]);
  });

  it('is told from its neighbours by its body where nobody has an id', async () => {
    const record = confirms();
    const batch = messages(3, (index) => ({ id: '', body: Buffer.from([index]) }));
    const sent = publish(record, batch);
    record.returned(returnOf(batch[2]!), noRoute);
    record.confirmed(ack(3, true));
    expect(await sent).toEqual([{ index: 2, error: noRoute }]);
  });

  it('takes the next of those with the same id', async () => {
    const record = confirms();
    const twin = message();
    const sent = [publish(record, [twin]), publish(record, [twin])];
    record.returned(returnOf(twin), noRoute);
    record.returned(returnOf(twin), noRoute);
    record.confirmed(ack(2, true));
    expect(await Promise.all(sent)).toEqual([[{ index: 0, error: noRoute }], [{ index: 0, error: noRoute }]]);
  });

  it('fails somebody even where its id changed on the way', async () => {
    const record = confirms();
    const sent = publish(record, [message({ id: 'half \ud83d' })]);
    record.returned(returnOf(message({ id: 'half \ufffd' })), noRoute);
    record.confirmed(ack(1));
    expect(await sent).toEqual([{ index: 0, error: noRoute }]);
  });
});

describe('the end of the channel', () => {
  it('rejects a batch of which nothing is known', async () => {
    const record = confirms();
    const sent = publish(record, messages(2));
    record.abandon(gone);
    await expect(sent).rejects.toBe(gone);
    await record.idle();
  });

  it('fails the rest of a batch of which something is known', async () => {
    const record = confirms();
    const batch = messages(4);
    const sent = publish(record, batch);
    record.confirmed(ack(1));
    record.confirmed(ack(2), refused);
    record.returned(returnOf(batch[2]!), noRoute);
    record.abandon(gone);
    expect(await sent).toEqual([
      { index: 1, error: refused },
      { index: 2, error: noRoute },
      { index: 3, error: gone },
    ]);
  });

  it('is waited for by whoever wants it quiet', async () => {
    const record = confirms();
    const sent = publish(record, messages(1));
    const idle = record.idle();
    expect(await isSettled(idle)).toBe(false);
    record.confirmed(ack(1));
    await Promise.all([sent, idle]);
  });
});
