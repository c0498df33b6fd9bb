import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Size } from './bench.js';

/** One side of a comparison: does `count` messages' work and gives how long it took, in ms. What it prepares is not timed. */
export type Side = (count: number) => Promise<number>;

/** What a comparison found. */
export interface Compared {
  /** Messages a second, median of the windows. */
  readonly ours: number;
  readonly native: number;
  /** `ours / native` window by window, the median of it. */
  readonly ratio: number;
  /** The lowest and the highest of it. */
  readonly spread: string;
}

setFlagsFromString('--expose-gc');

/** Collects all garbage, so that one side does not pay for the other's. */
export const collect = runInNewContext('gc') as () => void;

/** Messages of a window; fewer on the side that takes longer over each, so that neither's windows are all that the machine does. */
export interface Load {
  readonly ours: number;
  readonly native: number;
}

/** Messages of a window, at this size. */
export const counted = (count: number, { scale }: Size): number => Math.max(100, Math.round(count * scale));

/** The size for what is told for information only. */
export const informed = (size: Size): Size => ({ ...size, windows: Math.min(size.windows, 2) });

/** A window of one side is so many slices, interleaved with those of the other side's window; too few messages are not cut up. */
const SLICES = 4;
const FEWEST = 100; // of a slice

/**
 * Runs both sides in alternating windows, so that what else the machine does falls on both. Each side goes first every other
 * time, and the first round warms up and is not counted.
 */
export async function compare(size: Size, load: number | Load, ours: Side, native: Side): Promise<Compared> {
  const count: Load = typeof load === 'number' ? { ours: load, native: load } : load;
  const slices = Math.min(count.ours, count.native) < SLICES * FEWEST ? 1 : SLICES;
  const rates: { readonly ours: number; readonly native: number }[] = [];
  for (let round = 0; round <= size.windows; round++) {
    const ms = { ours: 0, native: 0 };
    for (let slice = 0; slice < slices; slice++) {
      const order = slice % 2 === round % 2 ? (['ours', 'native'] as const) : (['native', 'ours'] as const);
      for (const name of order) {
        collect();
        ms[name] += await (name === 'ours' ? ours : native)(Math.ceil(count[name] / slices));
      }
    }
    if (round > 0) rates.push({ ours: (count.ours * 1_000) / ms.ours, native: (count.native * 1_000) / ms.native });
  }
  const ratios = rates.map((rate) => rate.ours / rate.native);
  return {
    ours: median(rates.map((rate) => rate.ours)),
    native: median(rates.map((rate) => rate.native)),
    ratio: median(ratios),
    spread: `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
  };
}

/** The middle one, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The value that `share` of all do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]!;
}
