import type { Figure } from './bench.js';
import { collect } from './windows.js';

/** Memory after a collection, in bytes. The heap alone tells a leak: every buffer outside of it has an object inside. */
interface Sample {
  readonly messages: number;
  readonly heap: number;
  readonly resident: number;
}

const SAMPLES = 20;
const WARM_UP = 5; // samples before code is compiled and pools are full
const MIB = 1024 * 1024;
const MOST_BYTES = 1; // a message: less than the smallest thing that could be kept of one

/** Sends and handles `count` messages in steps, and looks at the memory after each: whether any of it stays. */
export async function flat(count: number, step: (count: number) => Promise<void>): Promise<readonly Figure[]> {
  const samples: Sample[] = [];
  for (let sample = 1; sample <= SAMPLES; sample++) {
    await step(Math.ceil(count / SAMPLES));
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    samples.push({ messages: (sample * count) / SAMPLES, heap: heapUsed, resident: rss });
  }
  const measured = samples.slice(WARM_UP);
  const heapSlope = slope(measured.map(({ messages, heap }) => [messages, heap]));
  const residentSlope = slope(measured.map(({ messages, resident }) => [messages, resident]));
  const highest = Math.max(...samples.map(({ resident }) => resident));
  const range = (values: readonly number[]): string => `${mib(Math.min(...values))} to ${mib(Math.max(...values))}`;
  return [
    {
      what: `heap after gc over ${count.toLocaleString('en-US')} messages`,
      value: `slope ${heapSlope.toFixed(3)} bytes a message; ${range(measured.map(({ heap }) => heap))}`,
      target: { said: `< ${MOST_BYTES} byte a message`, reached: heapSlope < MOST_BYTES },
    },
    {
      what: 'resident set at the same moments',
      value: `slope ${residentSlope.toFixed(1)} bytes a message; ${range(measured.map(({ resident }) => resident))}, highest ${mib(highest)}`,
    },
  ];
}

const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;

/** Of the line that fits best (least squares). */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))] as const;
  const along = points.reduce((sum, [x, y]) => sum + (x - middle[0]) * (y - middle[1]), 0);
  return along / points.reduce((sum, [x]) => sum + (x - middle[0]) ** 2, 0);
}
