import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Delivery, Receiver } from '@omnibus/core/transport';
import { ACK, systemClock, type VirtualClock, virtualClock } from '@omnibus/core/transport';
import { onTestFinished } from 'vitest';
import { type Door, door } from '../../src/http/door.js';
import { type HttpEndpoint, httpEndpoint } from '../../src/http/endpoint.js';
import type { EndpointOptions } from '../../src/http/options.js';
import { readNotification } from '../../src/http/read-notification.js';
import { httpServers } from '../../src/http/server.js';
import { type FakeQueue, fakeQueue } from './fake-queue.js';
import { type FakeHosts, fakeHosts, TOPIC } from './fake-sns.js';
import { groupOf } from './subscription.js';

export interface Rig {
  readonly url: string;
  readonly clock: VirtualClock;
  readonly hosts: FakeHosts;
  readonly posts: Door;
  readonly endpoint: HttpEndpoint;
  /** The group's own queue. */
  readonly queue: FakeQueue;
  receiver: Receiver;
  reopen(): Promise<void>;
}

/** Today by the fixtures' certificate, whenever that is. */
export const START_MS = Date.now();

/** An endpoint in a server of the test's own, on a clock that the test moves; sockets are real. */
export async function rig({
  window = 8,
  ...options
}: Partial<EndpointOptions> & { readonly window?: number } = {}): Promise<Rig> {
  const clock = virtualClock(START_MS);
  const hosts = fakeHosts();
  const posts = door(clock);
  const server = createServer(posts.listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/orders`;
  const endpoint = httpEndpoint({
    name: 'orders/shipping',
    options: { url, endpoint: posts, ...options },
    clock,
    servers: httpServers(systemClock),
    read: readNotification,
    get: hosts.get,
  });
  const queue = fakeQueue();
  const open = (): Promise<Receiver> =>
    endpoint.open(groupOf(window), { topicArn: TOPIC, queue: queue.open(clock), queueBatch: 10 });
  const it: Rig = {
    url,
    clock,
    hosts,
    posts,
    endpoint,
    queue,
    receiver: await open(),
    async reopen() {
      it.receiver = await open();
    },
  };
  onTestFinished(async () => {
    await it.receiver.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return it;
}

/** Waits for the next deliveries, at least one. */
export async function take(receiver: Receiver, max = 10): Promise<readonly Delivery[]> {
  for (;;) {
    const batch = await receiver.receive(max, new AbortController().signal);
    if (batch.length > 0) return batch;
  }
}

/** Acks the next delivery and gives it. */
export async function takeAndAck(receiver: Receiver): Promise<Delivery> {
  const [delivery] = await take(receiver, 1);
  await receiver.settle([delivery!], ACK);
  return delivery!;
}
