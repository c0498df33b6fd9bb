import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildApp } from 'fauxqs';
import { SqsFront } from './sqs-front.js';
import { StandIn } from './stand-in.js';

/*
 * An SQS in a process of its own, on loopback: `sqs-server.js <engine> <round trip in ms>`. Tells its parent the port, answers each
 * message of the parent with what was counted, begins anew where the message is 'reset', and ends with the parent.
 */
const [name = 'stand-in', roundTripMs = '0'] = process.argv.slice(2);
const front = new SqsFront(await engineCalled(name), Number(roundTripMs));
const server = createServer({ keepAliveTimeout: 60_000 }, front.listener);
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', (asked) => {
  process.send?.(front.counts);
  if (asked === 'reset') front.reset();
});
process.on('disconnect', () => process.exit());

async function engineCalled(engine: string): Promise<RequestListener> {
  if (engine !== 'fauxqs') return new StandIn().listener;
  const app = buildApp({ logger: false });
  await app.ready();
  return (request, response) => app.routing(request, response);
}
