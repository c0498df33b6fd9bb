import { type Delivery, type Failures, type MessagingError, NONE, type Verdict } from '@omnibus/core/transport';
import { type Commits, commits } from './commits.js';
import { kafkaError } from './errors.js';

/** The time in which partitions are ours: from a join of the group, or from a move of its position, until the next. */
export interface Assignment {
  readonly lease: AbortController;
  readonly partitions: ReadonlySet<number>;
  readonly commits: Commits;
  /** By partition: where it is to be read again from, behind what is committed; of those of which anything was handed out. */
  readonly from: Map<number, bigint>;
  /** By partition: behind the last that was handed out and not given back. */
  readonly taken: Map<number, bigint>;
}

/** What a delivery is settled by. */
export interface Receipt {
  readonly assignment: Assignment;
  readonly partition: number;
  readonly offset: bigint;
}

/** An assignment that begins now. */
export const assignmentOf = (
  partitions: Iterable<number>,
  where: string,
  write: (offsets: ReadonlyMap<number, bigint>) => Promise<void>,
): Assignment => ({
  lease: new AbortController(),
  partitions: new Set(partitions),
  commits: commits(where, write),
  from: new Map(),
  taken: new Map(),
});

/** All that was handed out is committed, or was given back. */
export const isSettled = ({ from, taken }: Assignment): boolean =>
  [...taken].every(([partition, offset]) => from.get(partition)! >= offset);

/** Commits up to the furthest ack of each partition, or has it read again from the first release. What is of another assignment is LOST. */
export async function settle(
  batch: readonly Delivery[],
  verdict: Verdict,
  o: {
    readonly own: Assignment | undefined;
    readonly where: string;
    readonly readAgain: (partition: number, offset: bigint) => void;
  },
): Promise<Failures> {
  const { own, where, readAgain } = o;
  if (verdict.type !== 'ack' && verdict.type !== 'release')
    throw kafkaError('INVALID', `${where}: a log cannot ${verdict.type} a message; the core does that by a copy`);
  const failures: Failures[number][] = [];
  /** By partition: the furthest ack, or the first release. */
  const offsets = new Map<number, bigint>();
  for (const [index, delivery] of batch.entries()) {
    const receipt = delivery.receipt as Receipt;
    if (receipt.assignment !== own) {
      failures.push({ index, error: kafkaError('LOST', `${where}: its partition was taken away, moved or given back before`) });
      continue;
    }
    const known = offsets.get(receipt.partition);
    const isFurther = known === undefined || (verdict.type === 'ack' ? known < receipt.offset : known > receipt.offset);
    if (isFurther) offsets.set(receipt.partition, receipt.offset);
  }
  if (own === undefined) return failures;
  if (verdict.type === 'release') {
    for (const [partition, offset] of offsets) readAgain(partition, offset);
    return failures.length === 0 ? NONE : failures;
  }
  const outcomes = [...offsets].map(async ([partition, offset]) => {
    try {
      await own.commits.add(partition, offset + 1n);
      if (own.from.get(partition)! <= offset) own.from.set(partition, offset + 1n);
    } catch (error) {
      for (const [index, { receipt }] of batch.entries()) {
        const { assignment: of, partition: its } = receipt as Receipt;
        if (of === own && its === partition) failures.push({ index, error: error as MessagingError });
      }
    }
  });
  await Promise.all(outcomes);
  return failures.length === 0 ? NONE : failures;
}
