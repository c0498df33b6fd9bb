import { fork } from 'node:child_process';
import { once } from 'node:events';
import { broker } from '@omnibus/brokers';
import type { Bench, Needed, Size } from './bench.js';
import { benches } from './benches.js';
import { line } from './figures.js';
import { machine } from './machine.js';

/*
 * `npm run bench`: all benches. `npm run bench -- memory json` runs those whose names begin so, `--short` for a moment only.
 * Each runs in a process of its own, so that none runs on what another left in the heap or in compiled code.
 */
const FULL: Size = { windows: 5, scale: 1 };
const SHORT: Size = { windows: 1, scale: 0.02 };

const TITLES: Record<Needed, string> = { rabbitmq: 'RabbitMQ', kafka: 'Kafka' };

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
  for (const needed of new Set(chosen.flatMap(({ needs }) => needs ?? [])))
    await withBroker(
      needed,
      chosen.filter(({ needs }) => needs === needed),
    );
}

/** Runs one in this process. */
async function here(bench: Bench, size: Size): Promise<void> {
  const found = bench.needs === undefined ? undefined : await broker(bench.needs);
  if (found?.available === false) throw new Error(found.reason);
  console.log(bench.name);
  for (const figure of await bench.run({ size, ...(found && { [found.name]: found }) })) console.log(line(figure));
  await found?.dispose();
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
async function withBroker(name: Needed, those: readonly Bench[]): Promise<void> {
  const found = await broker(name);
  if (!found.available) {
    for (const bench of those) console.log(`${bench.name}\n  not run: ${found.reason}`);
    return;
  }
  await using held = found;
  console.log(`${TITLES[name]} ${held.version ?? 'of unknown version'} (${held.how})`);
  process.env[`OMNIBUS_${name.toUpperCase()}_URL`] = held.url;
  for (const bench of those) await apart(bench);
}
