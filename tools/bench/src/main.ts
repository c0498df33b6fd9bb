import { fork } from 'node:child_process';
import { once } from 'node:events';
import { broker } from '@omnibus/brokers';
import type { Bench, Size } from './bench.js';
import { benches } from './benches.js';
import { line } from './figures.js';
import { machine } from './machine.js';

/*
 * `npm run bench`: all benches. `npm run bench -- memory json` runs those whose names begin so, `--short` for a moment only.
 * Each runs in a process of its own, so that none runs on what another left in the heap or in compiled code.
 */
const FULL: Size = { windows: 5, scale: 1 };
const SHORT: Size = { windows: 1, scale: 0.02 };

const words = process.argv.slice(2);
const flags = words.filter((word) => word.startsWith('--'));
const wanted = words.filter((word) => !word.startsWith('--')).join(' ');
const chosen = benches.filter(({ name }) => `${name} `.startsWith(`${wanted} `) || wanted === '');

if (chosen.length === 0) {
  console.error(`no bench is called '${wanted}'; there are: ${benches.map(({ name }) => name).join(', ')}`);
  process.exitCode = 1;
} else if (flags.includes('--here')) {
  for (const bench of chosen) await here(bench, flags.includes('--short') ? SHORT : FULL);
} else {
  console.log(machine());
  for (const bench of chosen) if (bench.needs === undefined) await apart(bench);
  const others = chosen.filter(({ needs }) => needs !== undefined);
  if (others.length > 0) await withRabbitMq(others);
}

/** Runs one in this process. */
async function here(bench: Bench, size: Size): Promise<void> {
  const rabbitmq = bench.needs === undefined ? undefined : await broker('rabbitmq');
  if (rabbitmq?.available === false) throw new Error(rabbitmq.reason);
  console.log(bench.name);
  for (const figure of await bench.run({ size, rabbitmq })) console.log(line(figure));
}

/** Runs one in a process of its own. */
async function apart({ name }: Bench): Promise<void> {
  const child = fork(import.meta.filename, [...name.split(' '), ...flags, '--here']);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code === 0) return;
  console.log(`  ${name} failed`);
  process.exitCode = 1;
}

/** All of them share one broker, which the environment tells them of. */
async function withRabbitMq(those: readonly Bench[]): Promise<void> {
  const found = await broker('rabbitmq');
  if (!found.available) {
    for (const { name } of those) console.log(`${name}\n  not run: ${found.reason}`);
    return;
  }
  await using rabbitmq = found;
  console.log(`RabbitMQ ${rabbitmq.version ?? 'of unknown version'} (${rabbitmq.how})`);
  process.env['OMNIBUS_RABBITMQ_URL'] = rabbitmq.url;
  for (const bench of those) await apart(bench);
}
