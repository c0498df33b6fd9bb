import type { Figure } from './bench.js';
import type { Compared } from './windows.js';

/** A rate for people, with three digits or so: `1,234,000/s`, `47/s`. */
export function rate(perSecond: number): string {
  const step = perSecond < 1_000 ? 1 : perSecond < 10_000 ? 10 : 100;
  return `${(Math.round(perSecond / step) * step).toLocaleString('en-US')}/s`;
}

/** The ratio of a comparison, held against `least` where there is a target. */
export function ratioFigure(what: string, { ours, native, ratio, spread }: Compared, least?: number): Figure {
  const value = `ratio ${ratio.toFixed(2)} (${spread}); ${rate(ours)} beside ${rate(native)}`;
  return { what, value, ...(least === undefined ? {} : { target: { said: `>= ${least}`, reached: ratio >= least } }) };
}

/** A figure as a line. */
export function line({ what, value, target }: Figure): string {
  const verdict = target === undefined ? '' : `  [target ${target.said}: ${target.reached ? 'ok' : 'not reached'}]`;
  return `  ${what}: ${value}${verdict}`;
}
