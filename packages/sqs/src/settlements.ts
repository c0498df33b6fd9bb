import { type Clock, type Delivery, type Failures, type MessagingError, NONE, type Verdict } from '@omnibus/core/transport';
import { BATCH } from './capabilities.js';
import type { FailedEntry, SqsClient } from './client.js';
import { refusalError, sqsError } from './errors.js';
import type { Held, Holding } from './held.js';
import type { Queue } from './queues.js';

/** What settlements stand on. */
export interface SettlementPlace {
  readonly client: SqsClient;
  readonly queue: Queue;
  readonly held: Holding;
  readonly clock: Clock;
}

/** A verdict, or a renewal of the lock for `ms` from now. */
export type Settlement = Verdict | { readonly type: 'extend'; readonly ms: number };

const SECOND_MS = 1_000;

/**
 * Settles or renews what one receiver holds, one batch call each time. What was settled before is left alone; what SQS may have given
 * to another is LOST, by our own clock or by SQS's answer.
 */
export function settlements({
  client,
  queue,
  held: holding,
  clock,
}: SettlementPlace): (batch: readonly Delivery[], settlement: Settlement) => Promise<Failures> {
  const lost = (what: string): MessagingError =>
    sqsError('LOST', `${what} on queue '${queue.name}': the message was held for longer than its lock, and comes again`);

  return async (batch, settlement) => {
    const what = settlement.type;
    if (batch.length > BATCH)
      throw sqsError('INVALID', `${what} on queue '${queue.name}': ${batch.length} at once, SQS takes ${BATCH}`);
    if (what === 'reject')
      throw sqsError('CAPABILITY', `reject on queue '${queue.name}': dead letters are copies that the core makes`);
    const failures: Failures[number][] = [];
    const entries: { readonly index: number; readonly held: Held; readonly seconds: number }[] = [];
    const now = clock.monotonic();
    for (const [index, { receipt, lockedUntil }] of batch.entries()) {
      const held = receipt as Held;
      const leftMs = held.until - now;
      if (held.state === 'held' && (lockedUntil <= now || leftMs < SECOND_MS)) holding.lose(held);
      if (held.state === 'lost') failures.push({ index, error: lost(what) });
      else if (held.state === 'held')
        entries.push({ index, held, seconds: Math.min(secondsOf(settlement), Math.floor(leftMs / SECOND_MS)) });
    }
    if (entries.length === 0) return failures.length === 0 ? NONE : failures;
    if (what !== 'extend') for (const { held } of entries) held.state = 'settling';
    // a renewal that SQS would hear after it would hide the message for a whole lock
    if (what === 'retry' || what === 'release') await Promise.all(entries.map(async ({ held }) => held.renewal));
    const asking = ask(entries, what);
    if (what === 'extend') for (const { held } of entries) held.renewal = asking;
    const errors = await asking;
    for (const { index, held, seconds } of entries) {
      const error = errors.get(index);
      if (settlement.type === 'extend' && held.state !== 'held') continue; // its settlement came between, and says what became of it
      if (error !== undefined) {
        held.state = 'held';
        if (error.code === 'LOST') holding.lose(held);
        failures.push({ index, error });
      } else if (settlement.type === 'extend') held.delivery.lockedUntil = now + Math.min(seconds * SECOND_MS, settlement.ms);
      else holding.drop(held);
    }
    return failures.length === 0 ? NONE : failures;
  };

  /** One batch call; why entries failed, by index. A call that fails as a whole fails each of them: nothing is settled by it for sure. */
  async function ask(
    entries: readonly { readonly index: number; readonly held: Held; readonly seconds: number }[],
    what: Settlement['type'],
  ): Promise<ReadonlyMap<number, MessagingError>> {
    const where = `${what} on queue '${queue.name}'`;
    const errors = new Map<number, MessagingError>();
    try {
      const { Failed = [] } = await (what === 'ack'
        ? client.deleteMessageBatch(where, {
            QueueUrl: queue.url,
            Entries: entries.map(({ index, held }) => ({ Id: String(index), ReceiptHandle: held.handle })),
          })
        : client.changeVisibilityBatch(where, {
            QueueUrl: queue.url,
            Entries: entries.map(({ index, held, seconds }) => ({
              Id: String(index),
              ReceiptHandle: held.handle,
              VisibilityTimeout: seconds,
            })),
          }));
      for (const failed of Failed) errors.set(Number(failed.Id), entryError(where, failed));
    } catch (error) {
      // the engine tries again what may pass, until the lock is over
      const failure = error as MessagingError;
      for (const { index } of entries) errors.set(index, failure);
    }
    return errors;
  }
}

const entryError = (where: string, { Code = '', Message = '', SenderFault = false }: FailedEntry): MessagingError =>
  refusalError(where, { code: Code, text: Message, isOurFault: SenderFault });

function secondsOf(settlement: Settlement): number {
  switch (settlement.type) {
    case 'retry':
      return Math.ceil(settlement.delayMs / SECOND_MS);
    case 'extend':
      return Math.ceil(settlement.ms / SECOND_MS);
    default:
      return 0;
  }
}
