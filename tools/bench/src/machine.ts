import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** The machine and Node in one line. The load tells how much of it others had. */
export function machine(): string {
  const memory = `${Math.round(totalmem() / 1024 ** 3)} GiB`;
  const load = loadavg()[0]!.toFixed(1);
  return `${cpus()[0]?.model ?? process.arch}, ${availableParallelism()} cores, ${memory}, load ${load}; Node ${process.versions.node}`;
}
