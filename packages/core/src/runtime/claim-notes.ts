import type { Claims } from './claims.js';
import type { PlannedPermission } from './plan.js';
import type { ConsumerSpec, ProducerSpec } from './specs.js';

/** What the plan says of a claim check: where bodies go, what that costs, and who takes them away again. */
export function claimNotes(
  claims: Claims,
  consumers: readonly ConsumerSpec[],
  producers: readonly ProducerSpec[],
): readonly string[] {
  const { store, thresholdBytes, cleanup } = claims.check;
  const sent = producers.map(({ channel }) => channel).filter(({ transport, wire }) => claims.covers(transport, wire.name));
  const read = consumers.filter(({ channel }) => claims.reads(channel.transport));
  const queues = read.filter(({ channel }) => channel.wire.kind === 'queue');
  const shared = [...sent, ...read.map(({ channel }) => channel)].filter(({ wire }) => wire.kind !== 'queue');
  const notes: string[] = [];
  if (sent.length > 0)
    notes.push(
      `claim check: messages over ${thresholdBytes.toLocaleString('en')} bytes (less where a broker takes less) to ${names(sent.map(({ wire }) => wire.name))} leave their body in ${store.name} and travel as a pointer, at one write a message and one read an attempt; who consumes them needs the same claim check`,
    );
  if (queues.length > 0 && cleanup !== 'none')
    notes.push(
      `claim check: bodies of ${names(queues.map(({ name }) => name))} are deleted once handled and acknowledged, so a duplicate that comes later is a dead letter (claim-missing) unless the consumer has an idempotency store`,
    );
  if (shared.length > 0 || (read.length > 0 && cleanup === 'none'))
    notes.push(
      `claim check: ${shared.length === 0 ? 'bodies' : `bodies of ${names(shared.map(({ wire }) => wire.name))}`} are never deleted${shared.length === 0 ? '' : ', as every group needs them'}: let ${store.name} remove them by a rule of its own, later than any message or dead letter waits`,
    );
  return notes;
}

/** What the login of the store must be allowed. Replies are kept, fetched and forgotten as well. */
export function claimPermissions(
  claims: Claims,
  consumers: readonly ConsumerSpec[],
  producers: readonly ProducerSpec[],
): readonly PlannedPermission[] {
  const { store, cleanup } = claims.check;
  const read = consumers.filter(({ channel }) => claims.reads(channel.transport));
  const asks = producers.some(({ channel, requests }) => requests && claims.reads(channel.transport));
  const answers = read.some(({ handlers }) => handlers.some(({ failed }) => failed !== undefined));
  const queues = read.some(({ channel }) => channel.wire.kind === 'queue');
  const uses = {
    writes: answers || producers.some(({ channel }) => claims.covers(channel.transport, channel.wire.name)),
    reads: asks || read.length > 0,
    deletes: (asks || queues) && cleanup !== 'none',
  };
  return (store.permissions?.(uses) ?? []).map((permission) => ({ transport: store.name, ...permission }));
}

const names = (list: readonly string[]): string => [...new Set(list)].join(', ');
