import type { Problem } from '../config/problem.js';
import type { ChannelSpec, ConsumerSpec, ProducerSpec } from '../runtime/specs.js';
import type { ChannelKind } from '../transport/channel.js';

/**
 * Two names for one object of a broker: what is sent to one would be handled by the other. An object is a transport, a kind and an
 * address; groups of a topic, and dead letters, wait in queues.
 */
export function collisions(consumers: readonly ConsumerSpec[], producers: readonly ProducerSpec[]): readonly Problem[] {
  const names = new Map<string, string>();
  const problems = new Map<string, Problem>();
  const take = (transport: string, kind: ChannelKind, address: string, name: string): void => {
    const object = JSON.stringify([transport, kind, address]);
    const first = names.get(object) ?? name;
    names.set(object, first);
    if (first === name) return;
    problems.set(`${object} ${name}`, {
      path: ['channels'],
      message: `puts "${first}" and "${name}" on one ${kind}: ${address} of transport "${transport}"`,
      fix: 'Give one of them another name or address',
    });
  };
  const channel = ({ transport, wire, groups, deadLetters }: ChannelSpec): void => {
    take(transport, wire.kind, wire.address, wire.name);
    for (const { group, address } of wire.kind === 'topic' ? groups : [])
      take(transport, 'queue', address, `${wire.name}/${group}`);
    deadLetters.forEach(channel);
  };
  for (const spec of producers) channel(spec.channel);
  for (const spec of consumers) {
    channel(spec.channel);
    if (spec.channel.wire.kind === 'topic') take(spec.channel.transport, 'queue', spec.address, spec.name);
    if (spec.deadLetter !== undefined) channel(spec.deadLetter);
  }
  return [...problems.values()];
}
