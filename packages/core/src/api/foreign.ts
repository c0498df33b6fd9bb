import { jsonCodec } from '../codec/json.js';
import type { ForeignConfig } from '../config/schema.js';
import type { Delivery } from '../transport/message.js';
import type { Channel } from './channels.js';

/**
 * The type of a message that Omnibus did not send: what `foreign` says in the configuration, else the only type that the
 * channel has. Empty where nothing tells.
 */
export function typeReader(channel: Channel, foreign: ForeignConfig | undefined): (delivery: Delivery) => string {
  const fallback = foreign?.type ?? (channel.messages.length === 1 ? (channel.messages[0]?.name ?? '') : '');
  const from = foreign?.from;
  if (from === undefined) return () => fallback;
  if ('header' in from) return ({ headers }) => headers[from.header] ?? fallback;
  return ({ body }) => fieldOf(body, from.field) ?? fallback;
}

function fieldOf(body: Uint8Array, field: string): string | undefined {
  try {
    const value = (jsonCodec.decode(body) as Record<string, unknown> | null)?.[field];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined; // not JSON: its type stays unknown, and the message goes to the dead-letter channel for that
  }
}
