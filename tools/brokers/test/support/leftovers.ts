import { readdirSync, readFileSync } from 'node:fs';

/**
 * The processes of this machine whose environment or command line names a text, for example a broker's directory. Zombies, which
 * have neither, do not count. Linux only: it reads /proc.
 */
export function processesThatName(text: string): readonly string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((pid) => {
      try {
        const seen = readFileSync(`/proc/${pid}/environ`, 'latin1') + readFileSync(`/proc/${pid}/cmdline`, 'latin1');
        return seen.includes(text) ? [`${pid} ${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()}`] : [];
      } catch {
        return []; // it has ended meanwhile
      }
    });
}
