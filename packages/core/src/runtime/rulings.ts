import type { Capabilities } from '../transport/capabilities.js';
import type { Transport } from '../transport/transport.js';
import { claimNotes } from './claim-notes.js';
import type { Claims } from './claims.js';
import { consumerDemands, type Demand, producerDemands } from './demands.js';
import { elsewhere, type Ruling, rule } from './negotiate.js';
import { type Plan, plan } from './plan.js';
import { sizeNotes } from './size-notes.js';
import type { ChannelSpec, ConsumerSpec, ProducerSpec } from './specs.js';
import { subscription } from './topology.js';

export interface RulingsOptions {
  readonly transports: ReadonlyMap<string, Transport>;
  readonly consumers: readonly ConsumerSpec[];
  readonly producers: readonly ProducerSpec[];
  readonly claims?: Claims | undefined;
}

/** Rules every demand of every endpoint. Pure: it needs no broker. */
export function rulings({ transports, consumers, producers, claims }: RulingsOptions): Plan {
  const rows: Ruling[] = [];
  const caveats: string[] = [];
  const judge = (
    endpoint: string,
    channel: ChannelSpec,
    by: string,
    capabilities: Capabilities,
    demands: readonly Demand[],
  ): void => {
    const { system, kinds } = transports.get(channel.transport) as Transport;
    if (!kinds.includes(channel.wire.kind)) {
      const how = `a ${channel.wire.kind}, and transport "${channel.transport}" (${system}) carries ${kinds.join(', ')} only: ${system === 'aws_sqs' && channel.wire.kind === 'topic' ? 'let it be a transport with use: sns, which carries both.' : elsewhere(channel.wire.name, 'carries it')}`;
      rows.push({ feature: 'receive', amount: 1, by, endpoint, transport: channel.transport, ruling: 'refuse', how });
      return;
    }
    caveats.push(...capabilities.caveats);
    for (const demand of demands) rows.push(rule(demand, capabilities, { endpoint, channel, system }));
  };
  for (const spec of consumers) {
    const capabilities = (transports.get(spec.channel.transport) as Transport).capabilities(subscription(spec));
    judge(spec.name, spec.channel, `${spec.owner} (${spec.name})`, capabilities, consumerDemands(spec, capabilities));
  }
  for (const spec of producers) {
    const capabilities = (transports.get(spec.channel.transport) as Transport).capabilities(spec.channel.wire);
    judge(
      spec.channel.wire.name,
      spec.channel,
      `${spec.owner} (${spec.channel.wire.name})`,
      capabilities,
      producerDemands(spec, capabilities),
    );
  }
  caveats.push(...sizeNotes(transports, producers, claims));
  if (claims !== undefined) caveats.push(...claimNotes(claims, consumers, producers));
  return plan(rows, caveats);
}
