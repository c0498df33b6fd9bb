import type { Delivery, Receiver, Sender, Subscription, Transport, TransportFactory } from '@omnibus/core/transport';
import type { BrokerObject } from '../harness.js';

/** A delivery as the adapter gave it, before the engine saw it. */
export interface Seen {
  readonly subscription: Subscription;
  readonly delivery: Delivery;
  /** The receiver that gave it, to settle it behind the engine's back. */
  readonly receiver: Receiver;
}

/** Stands between the engine and the adapter: lets everything through, and knows what is open. */
export interface Seam {
  readonly factory: TransportFactory;
  /** The same, for services that do not renew what they hold: as if they hung. */
  readonly hanging: TransportFactory;
  /** Another transport, watched as well. */
  readonly around: (other: TransportFactory) => TransportFactory;
  /** Objects that services asked for. */
  readonly objects: readonly BrokerObject[];
  /** Ends and links that are open now, by name. */
  readonly open: readonly string[];
  /** Those of all services, in the order made. */
  readonly transports: readonly Transport[];
  /** Links that were ever opened. */
  readonly connects: number;
  /** Calls of `receive` so far, by the channel's name. */
  readonly polls: ReadonlyMap<string, number>;
  /** Calls `look` with every delivery of a channel from now on, by the channel's name. */
  watch(channel: string, look: (seen: Seen) => void): void;
  /** The same with every delivery whose lock is renewed. */
  watchRenewals(channel: string, look: (delivery: Delivery) => void): void;
}

/** A seam around the transports of one scenario. */
export function seam(inner: TransportFactory): Seam {
  const open = new Set<{ readonly name: string }>();
  const objects = new Map<string, BrokerObject>();
  const looks = new Map<string, (seen: Seen) => void>();
  const renewals = new Map<string, (delivery: Delivery) => void>();
  const transports: Transport[] = [];
  const polls = new Map<string, number>();
  let connects = 0;

  const watchedSender = (sender: Sender, name: string): Sender => {
    const entry = { name };
    open.add(entry);
    return {
      send: (batch) => sender.send(batch),
      async close() {
        await sender.close();
        open.delete(entry);
      },
    };
  };

  const watchedReceiver = (receiver: Receiver, subscription: Subscription, renews: boolean): Receiver => {
    const entry = { name: `receiver of ${subscription.address}` };
    const { name } = subscription.channel;
    const look = looks.get(name);
    const renewed = renewals.get(name);
    open.add(entry);
    return {
      async receive(max, signal) {
        polls.set(name, (polls.get(name) ?? 0) + 1);
        const deliveries = await receiver.receive(max, signal);
        if (look !== undefined) for (const delivery of deliveries) look({ subscription, delivery, receiver });
        return deliveries;
      },
      settle: (batch, verdict) => receiver.settle(batch, verdict),
      ...(receiver.extend === undefined || !renews
        ? {}
        : {
            extend(batch, ms) {
              if (renewed !== undefined) batch.forEach(renewed);
              return receiver.extend!(batch, ms);
            },
          }),
      ...(receiver.seek === undefined ? {} : { seek: (from) => receiver.seek!(from) }),
      async close() {
        await receiver.close();
        open.delete(entry);
      },
    };
  };

  const watched = (transport: Transport, renews: boolean): Transport => {
    const link = { name: `link of ${transport.system}` };
    return {
      system: transport.system,
      kinds: transport.kinds,
      capabilities: (endpoint) => transport.capabilities(endpoint),
      ...(transport.permissions === undefined
        ? {}
        : { permissions: (topology, sending, redrives) => transport.permissions!(topology, sending, redrives) }),
      async connect() {
        connects++;
        open.add(link);
        await transport.connect();
      },
      provision(topology, mode) {
        const wanted = [...topology.channels, ...topology.deadLetters, ...topology.retries];
        for (const { kind, address } of wanted) objects.set(`${kind} ${address}`, { kind, address });
        for (const { channel, address } of topology.subscriptions)
          if (channel.kind !== 'stream') objects.set(`queue ${address}`, { kind: 'queue', address });
        return transport.provision(topology, mode);
      },
      sender: async (channel) => watchedSender(await transport.sender(channel), `sender to ${channel.address}`),
      receiver: async (subscription) => watchedReceiver(await transport.receiver(subscription), subscription, renews),
      health: () => transport.health(),
      async close() {
        await transport.close();
        open.delete(link);
      },
    };
  };

  const factory = (from: TransportFactory, renews: boolean): TransportFactory =>
    Object.assign((options: never) => from(options) as never, {
      transport: from.transport,
      options: from.options,
      create(...given: Parameters<TransportFactory['create']>) {
        const transport = watched(from.create(...given), renews);
        transports.push(transport);
        return transport;
      },
    });
  return {
    factory: factory(inner, true),
    hanging: factory(inner, false),
    around: (other) => factory(other, true),
    get objects() {
      return [...objects.values()];
    },
    transports,
    polls,
    get open() {
      return [...open].map(({ name }) => name);
    },
    get connects() {
      return connects;
    },
    watch: (channel, look) => void looks.set(channel, look),
    watchRenewals: (channel, look) => void renewals.set(channel, look),
  };
}
