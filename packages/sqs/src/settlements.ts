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
    const errors = await ask(entries, what);
    for (const { index, held, seconds } of entries) {
      const error = errors.get(index);
      if (error === undefined && settlement.type !== 'extend') holding.drop(held);
      else if (error === undefined) {
        if (held.state === 'held')
          held.delivery.lockedUntil = now + Math.min(seconds * SECOND_MS, settlement.type === 'extend' ? settlement.ms : 0);
      } else {
        if (held.state === 'settling') held.state = 'held';
        if (error.code === 'LOST') holding.lose(held);
        failures.push({ index, error });
      }
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
