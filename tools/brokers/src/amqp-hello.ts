import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/**
 * Asks what answers at an `amqp:` or `amqps:` URL for its version: it says hello and reads Connection.Start (AMQP 0-9-1, 4.2.2 and
 * 1.4.2.1), which comes before any credentials. Gives 'unknown' where the server does not say.
 * @throws Error when nothing there speaks AMQP 0-9-1 within `timeoutMs`
 */
export function amqpVersion(url: string, timeoutMs: number): Promise<string> {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'amqps:';
  const at = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (secure ? 5671 : 5672)) };
  const where = `${at.host}:${at.port}`;
  return new Promise((resolve, reject) => {
    const hello = (): unknown => socket.write('AMQP\x00\x00\x09\x01', 'latin1');
    // No secret is sent over it, so the certificate does not matter.
    const socket: Socket = secure ? connectTls({ ...at, rejectUnauthorized: false }, hello) : connect(at, hello);
    const timer = setTimeout(() => end(new Error(`nothing speaks AMQP at ${where}: no answer in ${timeoutMs} ms`)), timeoutMs);
    let read = Buffer.alloc(0);
    const end = (result: string | Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (typeof result === 'string') resolve(result);
      else reject(result);
    };
    socket.on('data', (chunk: Buffer) => {
      read = Buffer.concat([read, chunk]);
      if (read[0] !== 1) return end(new Error(`what answers at ${where} does not speak AMQP 0-9-1`));
      if (read.length >= 7 && read.length >= 7 + read.readUInt32BE(3)) end(versionOf(read));
    });
    socket.on('error', (cause) => end(new Error(`nothing speaks AMQP at ${where}: ${cause.message}`, { cause })));
    socket.on('close', () => end(new Error(`nothing speaks AMQP at ${where}: the link was closed`)));
  });
}

/** The field `version` of the server's properties: name, type 'S', a length of 32 bits, the text. */
function versionOf(start: Buffer): string {
  const name = start.indexOf('\x07versionS', 0, 'latin1');
  if (name < 0) return 'unknown';
  const from = name + 9 + 4;
  return start.toString('utf8', from, from + start.readUInt32BE(name + 9));
}
