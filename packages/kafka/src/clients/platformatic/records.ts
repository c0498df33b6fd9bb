import type { fetchV17, RecordsBatch } from '@platformatic/kafka';
import type { Incoming } from '../../wire.js';

/** Bits of a batch's attributes (protocol guide, "Record batch"). */
const TRANSACTIONAL = 16;
const CONTROL = 32;

/** Type of the control record that ends a transaction in vain. */
const ABORT = 0;

/**
 * What of a fetched partition is to be read from this offset on, and where the next fetch begins. Left out is what a compressed batch
 * has before the offset, control records, and what belongs to a transaction that was aborted: the library leaves that out only where
 * the end of the transaction came with the same fetch.
 */
export function recordsOf(
  { records: batches, abortedTransactions }: Pick<fetchV17.FetchResponsePartition, 'records' | 'abortedTransactions'>,
  from: bigint,
): { readonly records: readonly Incoming[]; readonly next: bigint } {
  const records: Incoming[] = [];
  let next = from;
  const aborted = (abortedTransactions ?? []).toSorted((one, other) => Number(one.firstOffset - other.firstOffset));
  const open = new Set<bigint>();
  for (const batch of batches ?? []) {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    if (last >= next) next = last + 1n;
    while (aborted[0] !== undefined && aborted[0].firstOffset <= last) open.add(aborted.shift()!.producerId);
    if (batch.attributes & CONTROL) {
      if (batch.records[0]?.key?.readInt16BE(2) === ABORT) open.delete(batch.producerId);
    } else if (!(batch.attributes & TRANSACTIONAL && open.has(batch.producerId))) {
      addTo(records, batch, from);
    }
  }
  return { records, next };
}

function addTo(records: Incoming[], { records: batch, firstOffset, firstTimestamp }: RecordsBatch, from: bigint): void {
  for (const { key, value, headers, offsetDelta, timestampDelta } of batch) {
    const offset = firstOffset + BigInt(offsetDelta);
    if (offset < from) continue;
    const named = Object.create(null) as Record<string, Buffer>;
    for (const [name, given] of headers) if (name !== null && given !== null) named[name.toString()] = given;
    const timestamp = String(firstTimestamp + timestampDelta);
    records.push({ key, value, timestamp, offset: String(offset), headers: named });
  }
}
