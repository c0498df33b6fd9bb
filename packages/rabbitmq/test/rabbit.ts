import { RabbitMqAdmin } from '@omnibus/brokers';
import type {} from '@omnibus/brokers/vitest-setup';
import {
  ACK,
  type Channel,
  type Delivery,
  type Drift,
  type Receiver,
  type Subscription,
  systemClock,
  type Transport,
} from '@omnibus/core/transport';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { inject, onTestFinished } from 'vitest';
import { rabbitmq } from '../src/index.js';
import { DEFAULTS, type ResolvedOptions } from '../src/options.js';
import { topology } from './objects.js';

/** The broker of this run. */
export const broker = inject('rabbitmq');

/** Behind the name of a suite that could not be run. */
export const notRun = broker.available ? '' : ` [not run: ${broker.reason}]`;

/** rabbitmqctl, where the broker is not that of the environment. */
export const admin = broker.available && broker.access !== undefined ? new RabbitMqAdmin(broker.access) : undefined;

/** The broker's URL; empty where there is none, and nothing runs. */
export const url = broker.available ? broker.url : '';

let instances = 0;

/** A transport of this test, closed when the test is over; not connected. */
export function transport(options: Partial<ResolvedOptions> = {}, service = 'tests'): Transport {
  const environment = { service, instance: `${process.pid}-${instances++}`, clock: systemClock };
  const made = rabbitmq.create({ ...DEFAULTS, url: [url], ...options }, environment);
  onTestFinished(() => made.close());
  return made;
}

/** A connected transport with what these endpoints need. */
export async function connected(options: Partial<ResolvedOptions>, ...endpoints: (Channel | Subscription)[]): Promise<Transport> {
  const made = transport(options);
  await made.connect();
  await provision(made, ...endpoints);
  return made;
}

export const provision = (on: Transport, ...endpoints: (Channel | Subscription)[]): Promise<readonly Drift[]> =>
  on.provision(topology(...endpoints), 'create');

/** A connection beside the transport, as any program would have it; closed when the test is over. */
export async function bystander(
  to: string = url,
): Promise<{ readonly connection: ChannelModel; readonly channel: ConfirmChannel }> {
  const connection = await connect(to);
  connection.on('error', () => undefined); // `close` says it too
  onTestFinished(() => connection.close().catch(() => undefined));
  const channel = await connection.createConfirmChannel();
  channel.on('error', () => undefined);
  return { connection, channel };
}

/** Exactly `amount` deliveries, in the order in which they came; more would fail the test, and so would waiting past its deadline. */
export async function take(receiver: Receiver, amount: number): Promise<Delivery[]> {
  const taken: Delivery[] = [];
  const signal = AbortSignal.timeout(20_000);
  while (taken.length < amount) {
    const more = await receiver.receive(amount - taken.length, signal);
    if (more.length === 0 && signal.aborted) throw new Error(`${taken.length} of ${amount} deliveries came within 20 s`);
    taken.push(...more);
  }
  return taken;
}

/** Receives and acks until `amount` came. */
export async function consume(receiver: Receiver, amount: number): Promise<Delivery[]> {
  const taken: Delivery[] = [];
  while (taken.length < amount) {
    const some = await take(receiver, Math.min(50, amount - taken.length));
    await receiver.settle(some, ACK);
    taken.push(...some);
  }
  return taken;
}
