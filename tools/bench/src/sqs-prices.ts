import type { Counts } from './sqs-front.js';

/** US dollars for a million requests; a request is a call with up to 64 KiB of payload, and every further 64 KiB is one more. */
export interface SqsPrices {
  readonly standard: number;
  readonly fifo: number;
}

/**
 * Region us-east-1, first tier (100,000 million requests a month), without the first million of a month, which is free; as of March 2026
 * (aws.amazon.com/sqs/pricing, by way of price guides of that month). Prices change and differ by region: put yours here.
 */
export const PRICES: SqsPrices = { standard: 0.4, fifo: 0.5 };

/** What a million messages cost, by the requests that these took. */
export function costPerMillion(counts: Counts, messages: number, pricePerMillion: number): number {
  const requests = Object.values(counts).reduce((sum, { units }) => sum + units, 0);
  return (requests / messages) * pricePerMillion;
}
