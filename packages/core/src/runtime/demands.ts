import type { Capabilities, Feature } from '../transport/capabilities.js';
import { carrying } from './chain.js';
import { extremes } from './retry-policy.js';
import type { ConsumerSpec, ProducerSpec } from './specs.js';

/** What one option of one endpoint needs of its broker. */
export interface Demand {
  readonly feature: Feature;
  /** In the feature's unit: ms, count; 1 where it is there or not. */
  readonly amount: number;
  /** The amount as people read it. */
  readonly shown: string;
  /** Who needs it: `Shipping (orders/shipping), retry maxMs`. */
  readonly by: string;
  /** How the core does it where the broker cannot; undefined = not at all. */
  readonly emulator: string | undefined;
  /** The core always does it, whatever the broker could do: one path everywhere. */
  readonly always?: boolean | undefined;
  /** Naming the option is naming the emulator: `emulate` need not name it again. */
  readonly named?: boolean | undefined;
  /** What to do where it is refused, instead of doing without it. */
  readonly instead?: string | undefined;
  /** What has to be said besides `emulate` before it may be emulated. */
  readonly also?: { readonly said: boolean; readonly text: string } | undefined;
}

/** Longest delay that a message of an ordered channel waits in place; beyond it only a broker that holds the key will do. */
export const LONGEST_IN_PLACE_MS = 30_000;

/**
 * Whether a consumer's retries wait unsettled in this process: to keep the order, or because the group reads a log, where a copy
 * sent back would reach every group or none.
 */
export function waitsInPlace({ channel: { wire }, group, policy }: ConsumerSpec, { native }: Capabilities): boolean {
  if (wire.ordered) return true;
  const isLog = group !== undefined && (wire.kind === 'stream' || native.replay !== undefined);
  return isLog && !(native.retry !== undefined && (native.retryDelay ?? 0) >= extremes(policy).maxMs);
}

const ms = (value: number): string => `${value.toLocaleString('en')} ms`;

export function consumerDemands(spec: ConsumerSpec, capabilities: Capabilities): readonly Demand[] {
  const by = `${spec.owner} (${spec.name})`;
  const { wire } = spec.channel;
  const { limits } = capabilities;
  const demands: Demand[] = [{ feature: 'receive', amount: 1, shown: `consuming a ${wire.kind}`, by, emulator: undefined }];
  const need = (feature: Feature, amount: number, shown: string, emulator?: string, rest: Partial<Demand> = {}): void =>
    void demands.push({ feature, amount, shown, by, emulator, ...rest });

  if (!spec.temporary) need('durable', 1, 'messages that survive a restart of the broker');
  need(
    'settleEach',
    1,
    'messages settled one by one',
    'acks are held until all before them are done; a stuck message holds them',
  );
  if (extremes(spec.policy).attempts > 1) retryDemands(spec, capabilities, need);
  if (spec.deadLetter !== undefined)
    need('reject', 1, 'a dead-letter channel', `a confirmed copy to ${spec.deadLetter.wire.address}, then ack`, { always: true });
  if (wire.ordered) {
    need('ordering', 1, 'order per key', 'lanes in this process', {
      also: { said: spec.exclusive, text: 'exclusive: true on the consumer, as order then holds in one process only' },
    });
  }
  const longest = Math.max(0, ...spec.handlers.map((handler) => handler.timeoutMs));
  if (longest > (limits.holdMs ?? Number.POSITIVE_INFINITY) / 2)
    need(
      'lock',
      Number.POSITIVE_INFINITY,
      `a handler timeout of ${ms(longest)} (at most half of the ${ms(limits.holdMs ?? 0)} that this broker lets a message be held)`,
      undefined,
      { instead: 'give the handler less time, timeoutMs or handlerTimeoutMs' },
    );
  if (spec.filter !== undefined)
    need(
      'filter',
      1,
      'where',
      `the engine's own filter: what it leaves out was paid for${spec.opaque === undefined ? '' : ` (${spec.opaque})`}`,
      { always: spec.opaque !== undefined },
    );
  if (spec.channel.maxTtlMs > 0)
    need('ttl', spec.channel.maxTtlMs, 'ttlMs', 'dropped and counted when received; the broker stores it until then');
  if (wire.kind === 'stream') need('replay', 1, 'positions and replay');
  if (spec.temporary) need('temporary', 1, 'a subscription that ends with its instance');
  if (spec.idempotency !== undefined)
    need(
      'dedup',
      1,
      'idempotency',
      'ids are kept in the store that the consumer names; its memory is how far back duplicates are known',
      {
        always: true,
        named: true,
      },
    );
  headersDemand(capabilities, need);
  return demands;
}

function retryDemands(
  spec: ConsumerSpec,
  capabilities: Capabilities,
  need: (feature: Feature, amount: number, shown: string, emulator?: string, rest?: Partial<Demand>) => void,
): void {
  const { native, limits } = capabilities;
  const { maxMs } = extremes(spec.policy);
  const shown = `retries after up to ${ms(maxMs)}`;
  const { ordered } = spec.channel.wire;
  if (ordered && maxMs <= LONGEST_IN_PLACE_MS)
    return need('retry', maxMs, shown, 'the message waits at the head of its lane; its key waits behind it', { always: true });
  if (native.retry !== undefined && (native.retryDelay ?? 0) >= maxMs && (!ordered || native.release !== undefined))
    return need('retryDelay', maxMs, shown);
  if (!ordered && waitsInPlace(spec, capabilities)) {
    if (maxMs <= LONGEST_IN_PLACE_MS)
      return need('retry', maxMs, shown, 'the message waits in this process, and holds back the commit of those behind it', {
        always: true,
      });
    return need('retryDelay', maxMs, `${shown} (over ${ms(LONGEST_IN_PLACE_MS)} on a log)`, undefined, {
      instead: shorter(spec.name),
    });
  }
  if (ordered) {
    // whatever it lacks of the three; for `retryDelay` its ceiling tells
    const lacking = native.retry === undefined ? 'retry' : native.release === undefined ? 'release' : 'retryDelay';
    const where = `on an ordered channel (over ${ms(LONGEST_IN_PLACE_MS)} the broker has to hold the key)`;
    return need(lacking, maxMs, `${shown} ${where}`, undefined, { instead: shorter(spec.name) });
  }
  const below = limits.delayStepMs > 1 ? `; below ${ms(limits.delayStepMs)} it waits in place` : '';
  const how =
    (native.delay ?? 0) >= maxMs
      ? `a confirmed delayed copy to ${spec.address}, then ack${below}`
      : `a confirmed copy to a parking channel of ${spec.address}, then ack`;
  need('retryDelay', maxMs, shown, native.durable === undefined ? undefined : how);
}

const shorter = (consumer: string): string =>
  `let retries wait for less, consumers: { ${consumer}: { retry: { maxMs: ${LONGEST_IN_PLACE_MS} } } }`;

/** Every message has headers: what it comes from, at least. */
function headersDemand(
  capabilities: Capabilities,
  need: (feature: Feature, amount: number, shown: string, emulator?: string, rest?: Partial<Demand>) => void,
): void {
  const how = carrying(capabilities);
  const packed = 'packed: what the broker cannot carry goes into one header, omnibus-headers';
  const structured = 'structured: the whole message is the body, as one CloudEvents document';
  if (how === 'native') return need('headers', 1, 'headers');
  need('headers', 1, 'headers', how === 'packed' ? packed : structured, { always: how === 'packed' });
}

export function producerDemands(spec: ProducerSpec, capabilities: Capabilities): readonly Demand[] {
  const { native } = capabilities;
  const { wire, maxTtlMs } = spec.channel;
  const by = `${spec.owner} (${wire.name})`;
  const demands: Demand[] = [];
  const need = (feature: Feature, amount: number, shown: string, emulator?: string, rest: Partial<Demand> = {}): void =>
    void demands.push({ feature, amount, shown, by, emulator, ...rest });
  if (wire.maxDelayMs > 0)
    need(
      'delay',
      wire.maxDelayMs,
      `delayMs up to ${ms(wire.maxDelayMs)}`,
      native.durable === undefined ? undefined : `parking channels of ${wire.address}: one more send and receive a hop`,
    );
  if (maxTtlMs > 0)
    need('ttl', maxTtlMs, `ttlMs up to ${ms(maxTtlMs)}`, 'dropped and counted when received; the broker stores it until then');
  if (wire.priorities > 0) need('priority', wire.priorities, `${wire.priorities} priorities`);
  if (spec.requests)
    need(
      'temporary',
      1,
      'a reply channel of this instance',
      'an ordinary queue for each instance; it stays when the instance is gone',
    );
  headersDemand(capabilities, need);
  return demands;
}
