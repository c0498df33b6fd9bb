import type { Capabilities, Feature } from '../transport/capabilities.js';
import { MessagingError } from '../transport/errors.js';
import type { Demand } from './demands.js';
import type { ChannelSpec } from './specs.js';

/** What was decided about one demand, once, at startup. */
export interface Ruling {
  readonly feature: Feature;
  readonly amount: number;
  /** Who needs it. */
  readonly by: string;
  /** `orders/shipping`, or the channel's name. */
  readonly endpoint: string;
  readonly transport: string;
  readonly ruling: 'native' | 'emulate' | 'refuse';
  /** The broker's ceiling, the emulator's way and caveat, or what to do about the refusal. */
  readonly how: string;
}

/** Emulators that keep every guarantee. The others have to be named in `emulate`. */
export const SAFE: ReadonlySet<Feature> = new Set<Feature>([
  'settleEach',
  'retry',
  'retryDelay',
  'reject',
  'delay',
  'temporary',
  'filter',
  'headers',
  'ttl',
]);

/** An endpoint whose demands are ruled. */
export interface Ruled {
  readonly endpoint: string;
  readonly channel: ChannelSpec;
  readonly system: string;
}

/** Rules one demand: native within the broker's ceiling, emulated where there is a way and the configuration allows it, else refused. */
export function rule(demand: Demand, capabilities: Capabilities, { endpoint, channel, system }: Ruled): Ruling {
  const { feature, amount, by } = demand;
  const decide = (ruling: Ruling['ruling'], how: string): Ruling => ({
    feature,
    amount,
    by,
    endpoint,
    transport: channel.transport,
    ruling,
    how,
  });
  const ceiling = capabilities.native[feature];
  if (demand.always !== true && ceiling !== undefined && amount <= ceiling)
    return decide('native', ceiling === Number.POSITIVE_INFINITY || ceiling === 1 ? '' : `up to ${ceiling.toLocaleString('en')}`);
  if (demand.emulator !== undefined && (demand.named === true || channel.allows(feature)) && demand.also?.said !== false)
    return decide('emulate', demand.emulator);

  const has = ceiling === undefined ? 'has none' : `goes up to ${ceiling.toLocaleString('en')}`;
  const what = `${demand.shown}: transport "${channel.transport}" (${system}) ${demand.always === true ? 'leaves it to the core' : has}`;
  return decide('refuse', `${what}. ${remedy(demand, channel)}`);
}

/** How the configuration moves a channel to another transport. */
export const elsewhere = (channel: string, has: string): string =>
  `put the channel on a transport that ${has}, channels: { ${channel}: { transport: <its name> } }.`;

function remedy(demand: Demand, channel: ChannelSpec): string {
  if (demand.emulator === undefined)
    return `It cannot be emulated: ${demand.instead ?? 'do without it'}, or ${elsewhere(channel.wire.name, 'has it')}`;
  const missing: string[] = [];
  if (!channel.allows(demand.feature))
    missing.push(`emulate: [safe, ${demand.feature}]${channel.emulateAt === undefined ? '' : ` at ${channel.emulateAt}`}`);
  if (demand.also?.said === false) missing.push(demand.also.text);
  return `To allow the emulator (${demand.emulator}), say ${missing.join(' and ')}.`;
}

/** One error for all refusals; undefined where there is none. */
export function refusals(rulings: readonly Ruling[]): MessagingError | undefined {
  const refused = rulings.filter(({ ruling }) => ruling === 'refuse');
  if (refused.length === 0) return undefined;
  return new MessagingError(
    'CAPABILITY',
    `The app cannot start, since its brokers cannot do what it needs:\n${refused.map(({ by, how }) => `- ${by} needs ${how}`).join('\n')}`,
  );
}
