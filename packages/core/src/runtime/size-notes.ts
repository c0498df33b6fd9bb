import type { Transport } from '../transport/transport.js';
import { RESERVE_BYTES } from './batcher.js';
import type { Claims } from './claims.js';
import type { ProducerSpec } from './specs.js';

/** What the plan says of sizes: how much each broker takes of the messages that the app sends, where no claim check keeps what is larger. */
export function sizeNotes(
  transports: ReadonlyMap<string, Transport>,
  producers: readonly ProducerSpec[],
  claims: Claims | undefined,
): readonly string[] {
  const channels = new Map<string, string[]>();
  for (const { channel } of producers) {
    const { transport, wire } = channel;
    const broker = transports.get(transport) as Transport;
    if (!broker.kinds.includes(wire.kind) || claims?.covers(transport, wire.name) === true) continue;
    const bytes = broker.capabilities(wire).limits.sendBytes - RESERVE_BYTES;
    if (!Number.isFinite(bytes)) continue;
    const limit = `${broker.system}: at most ${bytes.toLocaleString('en')} bytes a message with its headers`;
    channels.set(limit, [...(channels.get(limit) ?? []), wire.name]);
  }
  return [...channels].map(([limit, names]) => `${limit}, to ${names.join(', ')}; more is TOO_LARGE without a claim check`);
}
