import type { Capabilities, Message, MessagingError } from '@omnibus/core/transport';
import { LIMITS } from './capabilities.js';
import { memoryError, notNative } from './errors.js';

/**
 * Says what is wrong with a message for an endpoint of these capabilities: INVALID or TOO_LARGE, undefined = it fits.
 * Throws INVALID where it uses a feature that is not native.
 */
export function fitness({ native, limits }: Capabilities, address: string): (message: Message) => MessagingError | undefined {
  const checkDelay = (delayMs: number): MessagingError | undefined => {
    if (native.delay === undefined) throw notNative('delay', `a message to '${address}' asks for a delay of ${delayMs} ms`);
    if (delayMs <= native.delay) return undefined;
    return memoryError('INVALID', `a delay of ${delayMs} ms to '${address}' is over the most it can do, ${native.delay} ms`);
  };
  const checkSize = (message: Message): MessagingError | undefined => {
    const names = Object.keys(message.headers);
    if (names.length > 0 && native.headers === undefined) throw notNative('headers', `a message to '${address}' has headers`);
    return headersFault(names, message, limits, address);
  };
  const measured = limits !== LIMITS || native.headers === undefined;
  return (message) =>
    (message.delayMs > 0 ? checkDelay(message.delayMs) : undefined) ?? (measured ? checkSize(message) : undefined);
}

function headersFault(
  names: readonly string[],
  { headers, body }: Message,
  { sendBytes, headers: most }: Capabilities['limits'],
  address: string,
): MessagingError | undefined {
  const bytes = names.reduce((sum, name) => sum + Buffer.byteLength(name) + Buffer.byteLength(headers[name]!), 0);
  const tooLarge = (what: string, limit: number): MessagingError =>
    memoryError('TOO_LARGE', `a message to '${address}' has ${what}, the limit is ${limit}`);
  if (bytes + body.byteLength > sendBytes) return tooLarge(`${bytes + body.byteLength} bytes`, sendBytes);
  if (names.length > most.count) return tooLarge(`${names.length} headers`, most.count);
  if (bytes > most.bytes) return tooLarge(`${bytes} bytes of headers`, most.bytes);
  const odd = names.find((name) => !most.name.test(name));
  if (odd !== undefined) return memoryError('INVALID', `the header name '${odd}' cannot be sent to '${address}'`);
  const empty = most.empty ? undefined : names.find((name) => headers[name] === '');
  if (empty !== undefined) return memoryError('INVALID', `the header '${empty}' is empty, which '${address}' cannot carry`);
  return undefined;
}
