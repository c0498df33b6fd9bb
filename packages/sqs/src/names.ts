import { sqsError } from './errors.js';

/*
 * Queue names have up to 80 of A-Z a-z 0-9 _ and -, and those of FIFO queues end with `.fifo`, which counts. An address that is such a
 * name stays as it is, but for a hyphen before `-`, `_` or something that has to be written otherwise. `.` is written `--`, and every
 * other byte of the address (UTF-8) `-_` and two hex digits: no two addresses share a name, and each name says its address.
 */

/** Most characters of a queue's name, `.fifo` included. */
const LONGEST = 80;

const FIFO = '.fifo';

/** The queue's name for an address. Throws TOPOLOGY, naming both, where it is too long. */
export function queueName(address: string, isFifo: boolean): string {
  const name = encoded(address) + (isFifo ? FIFO : '');
  if (name.length <= LONGEST) return name;
  const why = `its queue's name would have ${name.length} characters ('${name}'), and SQS takes ${LONGEST}`;
  throw sqsError('TOPOLOGY', `the address '${address}' is too long: ${why}. Give the channel a shorter name or address.`);
}

/** The address of a queue's name; the inverse of `queueName`. */
export function addressOf(name: string): string {
  const plain = name.endsWith(FIFO) ? name.slice(0, -FIFO.length) : name;
  const bytes = plain.replace(/--|-_([0-9a-f]{2})/g, (found, hex: string | undefined) => {
    if (hex === undefined) return found === '--' ? '.' : found;
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function encoded(address: string): string {
  let name = '';
  const bytes = Buffer.from(address, 'utf8');
  for (const [index, byte] of bytes.entries()) {
    const character = String.fromCharCode(byte);
    const next = bytes[index + 1];
    if (/[A-Za-z0-9_]/.test(character)) name += character;
    else if (character === '.') name += '--';
    else if (character === '-' && (next === undefined || /[A-Za-z0-9]/.test(String.fromCharCode(next)))) name += '-';
    else name += `-_${byte.toString(16).padStart(2, '0')}`;
  }
  return name;
}

/**
 * Where the broker itself puts what ends its consumer again and again; undefined for a queue of dead letters, which is the end, and for
 * the reply queue of one instance, whose replies nobody else could use.
 */
export function backstopOf(address: string): string | undefined {
  if (isDead(address) || /\.replies\.[^.]+$/.test(address)) return undefined;
  return `${address.replace(/\.wait\.\d+s$/, '')}.dead`;
}

/** Whether a queue holds what others gave up, by its name. */
export const isDead = (address: string): boolean => address.endsWith('.dead');
