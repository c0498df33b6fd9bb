import { once } from 'node:events';
import { connect } from 'node:net';

const JOIN_GROUP = 11;
const VERSION = 2;
const SESSION_MS = 30_000;

const text = (value: string): Buffer => {
  const length = Buffer.alloc(2);
  length.writeInt16BE(Buffer.byteLength(value));
  return Buffer.concat([length, Buffer.from(value)]);
};
const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

/**
 * Joins a group as what is no consumer, like a worker of Kafka Connect, by the bytes of JoinGroup (Kafka protocol guide). A member until
 * its session, of 30 s, is over; who joins meanwhile waits as long for it.
 * @throws Error where the broker refuses it
 */
export async function joinAs(protocolType: string, at: string, groupId: string, protocol = 'default'): Promise<void> {
  const [host = '', port] = at.split(':');
  const socket = connect({ host, port: Number(port) });
  try {
    const body = [text(groupId), int(SESSION_MS), int(SESSION_MS), text(''), text(protocolType), int(1), text(protocol), int(0)];
    const kind = Buffer.from([0, JOIN_GROUP, 0, VERSION]);
    const request = Buffer.concat([kind, int(1), text('raw'), ...body]);
    socket.write(Buffer.concat([int(request.length), request]));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    const error = answer.readInt16BE(12); // behind size, number and throttle time
    if (error !== 0) throw new Error(`joining as '${protocolType}' was answered by error ${error}`);
  } finally {
    socket.destroy();
  }
}
