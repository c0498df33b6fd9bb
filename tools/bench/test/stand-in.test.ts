import { afterEach, describe, expect, it } from 'vitest';
import { StandInQueue, type Stored } from '../src/stand-in-queue.js';

const LONG_MS = 20_000;
const HIDE_MS = 20;
const queues: StandInQueue[] = [];

afterEach(() => {
  for (const queue of queues.splice(0)) queue.close();
});

function queueWith(attributes: Record<string, string> = {}): StandInQueue {
  const queue = new StandInQueue(attributes);
  queues.push(queue);
  return queue;
}

const send = (queue: StandInQueue, MessageBody: string, MessageGroupId?: string): Stored =>
  queue.send({ MessageBody, ...(MessageGroupId === undefined ? {} : { MessageGroupId }) }, '', undefined);

const receive = (queue: StandInQueue, waitMs = 0, hideMs = LONG_MS): Promise<readonly Stored[]> =>
  new Promise((resolve) => queue.receive(10, waitMs, hideMs, resolve));

const receiptOf = ({ id, receives }: Stored): string => `${id}.${receives}`;
const bodies = (messages: readonly Stored[]): string[] => messages.map(({ sent }) => sent.MessageBody);

describe('the stand-in for SQS', () => {
  it('hides what was received, and shows it again when its visibility is over', async () => {
    const queue = queueWith();
    send(queue, 'a');
    expect(bodies(await receive(queue, 0, HIDE_MS))).toEqual(['a']);
    expect(await receive(queue)).toEqual([]);
    const [again] = await receive(queue, LONG_MS);
    expect(again?.receives).toBe(2);
  });

  it('deletes by the newest receipt alone', async () => {
    const queue = queueWith();
    send(queue, 'a');
    const old = receiptOf((await receive(queue, 0, HIDE_MS))[0]!);
    const [again] = await receive(queue, LONG_MS);
    queue.delete(old);
    expect(queue.depth).toEqual({ visible: 0, hidden: 1 });
    queue.delete(receiptOf(again!));
    expect(queue.depth).toEqual({ visible: 0, hidden: 0 });
  });

  it('answers a long poll when a message arrives, and gives nothing to one that has stopped', async () => {
    const queue = queueWith();
    const stopped: (readonly Stored[])[] = [];
    queue.receive(10, LONG_MS, LONG_MS, (messages) => stopped.push(messages)).stop();
    const waiting = receive(queue, LONG_MS);
    send(queue, 'a');
    expect(bodies(await waiting)).toEqual(['a']);
    expect(stopped).toEqual([[]]);
  });

  it('changes the visibility of what is in flight, and of nothing else', async () => {
    const queue = queueWith();
    send(queue, 'a');
    const [first] = await receive(queue);
    const receipt = receiptOf(first!);
    expect(queue.changeVisibility(receipt, 0)).toBe(true);
    expect(queue.changeVisibility(receipt, 0)).toBe(false);
    expect(bodies(await receive(queue))).toEqual(['a']);
  });

  it('gives several messages of a FIFO group at once, in order, and none while one is in flight', async () => {
    const queue = queueWith({ FifoQueue: 'true' });
    for (const body of ['a1', 'a2', 'a3']) send(queue, body, 'a');
    const taken = await receive(queue);
    expect(bodies(taken)).toEqual(['a1', 'a2', 'a3']);
    send(queue, 'a4', 'a');
    send(queue, 'b1', 'b');
    expect(bodies(await receive(queue))).toEqual(['b1']);
    queue.delete(receiptOf(taken[0]!));
    queue.changeVisibility(receiptOf(taken[2]!), 0);
    expect(await receive(queue)).toEqual([]);
    queue.changeVisibility(receiptOf(taken[1]!), 0);
    expect(bodies(await receive(queue))).toEqual(['a2', 'a3', 'a4']);
  });

  it('takes a FIFO message once by its deduplication id', async () => {
    const queue = queueWith({ FifoQueue: 'true' });
    const first = send(queue, 'a', 'g');
    expect(send(queue, 'a', 'g').id).toBe(first.id);
    expect(bodies(await receive(queue))).toEqual(['a']);
  });
});
