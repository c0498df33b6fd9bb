import { type Clock, MessagingError, type Receiver, type Subscription } from '@omnibus/core/transport';
import { certificates } from './certificates.js';
import { type ConfirmSubscription, confirmation } from './confirm.js';
import { door, isDoor } from './door.js';
import { gate } from './gate.js';
import { type Get, httpsGet } from './get.js';
import type { EndpointOptions } from './options.js';
import { openHttpReceiver, type ReadNotification } from './receiver.js';
import { replay } from './replay.js';
import type { EndpointStats } from './reply.js';
import type { HttpServers } from './server.js';

export interface HttpEndpointOptions {
  /** `orders/shipping`. */
  readonly name: string;
  readonly options: EndpointOptions;
  readonly clock: Clock;
  readonly servers: HttpServers;
  readonly read: ReadNotification;
  /** Default: a GET of what SNS names in its post. */
  readonly confirmSubscription?: ConfirmSubscription | undefined;
  /** For certificates and confirmations. Default: Node's `fetch`. */
  readonly get?: Get | undefined;
}

/** What an endpoint stands on while the transport is connected. */
interface EndpointPlace {
  readonly topicArn: string;
  /** The receiver of the group's own queue; closed with the endpoint's, also where opening fails. */
  readonly queue: Receiver;
  /** Most deliveries of one receive of it. */
  readonly queueBatch: number;
}

/** What SNS posts to for one group, over all the links that it lives through. */
export interface HttpEndpoint {
  /** Opens the group's receiver around that of its own queue: from now on posts are taken. Throws CONNECTION where the port cannot be had. */
  open(subscription: Subscription, place: EndpointPlace): Promise<Receiver>;
  /** Subscribes while a receiver is open, and waits up to 10 s for SNS to have it confirmed; after that `why` says what is missing. */
  subscribed(subscribe: () => Promise<void>): Promise<void>;
  /** What keeps messages from coming; undefined where nothing is known to. */
  readonly why: string | undefined;
  readonly stats: Readonly<EndpointStats>;
}

/** What is published to a topic before a new subscription stands never reaches it: a start waits that long. */
const CONFIRMED_MS = 10_000;

/** Makes the endpoint of one group. What was done, and SNS's certificates, are remembered from one receiver to the next. */
export function httpEndpoint(o: HttpEndpointOptions): HttpEndpoint {
  const { name, options, clock, servers, get = httpsGet } = o;
  const { url, listen, endpoint, maxAgeMs, signatureVersions = ['1', '2'] } = options;
  const posts = endpoint === undefined ? door(clock) : endpoint;
  if (!isDoor(posts) || (endpoint === undefined) === (listen === undefined))
    throw new MessagingError(
      'CONFIG',
      `sns: endpoints: "${name}" needs one of listen (host and port) and endpoint (what snsEndpoint() made, from code)`,
    );
  const certs = certificates({ get, clock });
  const seen = replay({ clock, maxAgeMs });
  const standing = confirmation({ clock, get, confirmSubscription: o.confirmSubscription });

  return {
    stats: posts.stats,
    get why() {
      const why = standing.why ?? certs.why;
      return why === undefined ? undefined : `${name}: ${why}`;
    },
    async subscribed(subscribe) {
      standing.expect();
      await subscribe();
      await standing.stands(CONFIRMED_MS);
    },
    open: ({ window }, { topicArn, queue, queueBatch }) =>
      openHttpReceiver({
        name,
        window,
        queue,
        queueBatch,
        gate: gate({ topicArn, certificates: certs, replay: seen, signatureVersions }),
        replay: seen,
        confirmation: standing,
        read: o.read,
        stats: posts.stats,
        clock,
        async attach(intake) {
          const detach = posts.attach(intake);
          if (listen === undefined) return async () => detach();
          const path = listen.path ?? new URL(url).pathname;
          try {
            const mounted = await servers.mount({ ...listen, path }, posts.listener);
            return async () => {
              detach();
              await mounted.close();
            };
          } catch (error) {
            detach();
            throw error;
          }
        },
      }),
  };
}
