import type { LogClient } from '../../client.js';
import { kafkaError } from '../../errors.js';

/** As its package.json says (`engines`): it uses what older ones do not have. */
const NODE: readonly [major: number, minor: number] = [22, 22];

/** The library, loaded by whoever needs it first. */
export const library = () => import('@platformatic/kafka');

/** Throws CONFIG where the library is not installed, or this Node.js is too old for it. It has every codec. */
export const check: LogClient['check'] = async () => {
  refuseOld(process.versions.node);
  try {
    await library();
  } catch (cause) {
    const how = 'npm install @platformatic/kafka@2.12.1, or leave the option client out';
    throw kafkaError('CONFIG', `client: platformatic needs a package that could not be loaded; ${how}`, { cause });
  }
};

/** Throws CONFIG for a version of Node.js that the library does not run on. */
export function refuseOld(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > NODE[0] || (major === NODE[0] && minor >= NODE[1])) return;
  const how = `use Node.js ${NODE.join('.')} or newer, or leave the option client out`;
  throw kafkaError('CONFIG', `client: platformatic does not run on Node.js ${version}; ${how}`);
}
