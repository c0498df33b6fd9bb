import {
  type Clock,
  type Drift,
  isSubscription,
  type Subscription,
  type Topology,
  type Transport,
} from '@omnibus/core/transport';
import type { QueuesClient, SnsClient } from '../client.js';
import { snsError } from '../errors.js';
import type { Topics } from '../topics.js';
import { queueOf } from '../topology.js';
import { httpCapabilities } from './capabilities.js';
import type { ConfirmSubscription } from './confirm.js';
import { type HttpEndpoint, httpEndpoint } from './endpoint.js';
import type { Get } from './get.js';
import type { EndpointOptions } from './options.js';
import { readNotification } from './read-notification.js';
import { httpServers } from './server.js';
import { lookAtUrl } from './url-subscription.js';

/** What stands while the transport is connected. */
export interface EndpointAccess {
  readonly client: SnsClient;
  readonly queues: QueuesClient;
  readonly topics: Topics;
}

export interface WithEndpointsOptions {
  /** By `channel/group`. */
  readonly endpoints: Readonly<Record<string, EndpointOptions>>;
  readonly clock: Clock;
  /** Throws CONNECTION while there is no connection. */
  readonly access: () => EndpointAccess;
  /** Default: a GET of what SNS names in its post. */
  readonly confirmSubscription?: ConfirmSubscription;
  /** For certificates and confirmations. Default: Node's `fetch`. */
  readonly get?: Get;
}

/** Most deliveries of one receive of a queue. */
const QUEUE_BATCH = 10;

/**
 * A transport some of whose groups SNS posts to over HTTP. Such a group keeps its queue, for what is not a first post: retries,
 * redriven messages, and what SNS could not post. Throws CONFIG for an endpoint that says not, or twice, where posts come in.
 */
export function withEndpoints(inner: Transport, o: WithEndpointsOptions): Transport {
  const { clock, access, get, confirmSubscription } = o;
  const servers = httpServers(clock);
  const endpoints = new Map<string, HttpEndpoint>();
  for (const [name, options] of Object.entries(o.endpoints))
    endpoints.set(name, httpEndpoint({ name, options, clock, servers, read: readNotification, confirmSubscription, get }));
  /** By name: subscribes the URL of a group, once its receiver is open. */
  const toSubscribe = new Map<string, () => Promise<void>>();

  const nameOf = ({ channel, group }: Subscription): string => `${channel.name}/${group}`;
  const endpointOf = (subscription: Subscription): HttpEndpoint | undefined =>
    subscription.channel.kind === 'topic' ? endpoints.get(nameOf(subscription)) : undefined;
  const withQueues = (topology: Topology): Topology => ({
    ...topology,
    subscriptions: topology.subscriptions.map((each) => (endpointOf(each) === undefined ? each : queueOf(each))),
  });

  const lookAt = async (subscription: Subscription, mode: 'create' | 'verify'): Promise<readonly Drift[]> => {
    const { channel, address, from } = subscription;
    if (from === 'first') return []; // named by a configuration that does not consume it: nothing answers at its URL here
    const { client, queues, topics } = access();
    const name = nameOf(subscription);
    const topicArn = await topics.find(channel.address, channel.ordered);
    if (topicArn === undefined) return []; // missing, which was told with the topics
    const url = o.endpoints[name]!.url;
    const { drifts, subscribe } = await lookAtUrl({ topicArn, url, address, name }, { client, queues, mode });
    if (subscribe === undefined) toSubscribe.delete(name);
    else toSubscribe.set(name, subscribe);
    return drifts;
  };

  return {
    ...inner,
    capabilities(endpoint) {
      const isPosted = isSubscription(endpoint) && endpointOf(endpoint) !== undefined;
      return isPosted ? httpCapabilities(endpoint, inner.capabilities(queueOf(endpoint))) : inner.capabilities(endpoint);
    },
    async provision(topology, mode) {
      const posted = topology.subscriptions.filter((each) => endpointOf(each) !== undefined);
      const stray = [...endpoints.keys()].find((name) => !posted.some((each) => nameOf(each) === name));
      if (stray !== undefined)
        throw snsError(
          'CONFIG',
          `the option 'endpoints' names '${stray}', which is no group of a topic of this app: channel/group is needed`,
        );
      const drifts = [...(await inner.provision(withQueues(topology), mode))];
      for (const each of posted) drifts.push(...(await lookAt(each, mode)));
      return drifts;
    },
    async receiver(subscription) {
      const endpoint = endpointOf(subscription);
      if (endpoint === undefined) return inner.receiver(subscription);
      const { channel } = subscription;
      const topicArn = await access().topics.arn(channel.address, channel.ordered);
      const queue = await inner.receiver(queueOf(subscription));
      const receiver = await endpoint.open(subscription, { topicArn, queue, queueBatch: QUEUE_BATCH });
      const subscribe = toSubscribe.get(nameOf(subscription));
      if (subscribe === undefined) return receiver;
      try {
        await endpoint.subscribed(subscribe);
        toSubscribe.delete(nameOf(subscription));
        return receiver;
      } catch (error) {
        await receiver.close();
        throw error;
      }
    },
    async health() {
      const health = await inner.health();
      const why = [...endpoints.values()].flatMap((endpoint) => endpoint.why ?? []);
      return why.length === 0 ? health : { ok: false, why: [health.why ?? [], why].flat().join('; ') };
    },
  };
}
